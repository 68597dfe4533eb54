import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Context } from "../../core/context.ts";
import type { WorkTree } from "../../system/git.ts";
import { askHistory, lines, tryHistory } from "./ask.ts";

/** The most commits of a history, the newest ones; docs/what-a-job-sees.md. */
const MAX_COMMITS = 10_000;

interface Tag {
  /** Without `refs/tags/`, one latin1 character a byte. */
  readonly name: string;
  /** The id of the tag object; for a lightweight tag, of its commit. */
  readonly id: string;
  readonly commit: string;
}

/** A part of the history for which `git describe` gives the same answer as for the whole. */
export interface History {
  readonly commits: readonly string[];
  /** Those commits whose parents are left out. */
  readonly shallow: readonly string[];
  /** The tags of these commits, in byte order of their names. */
  readonly tags: readonly Tag[];
}

/** HEAD's history back to the nearest annotated tag, the nearest tag of any kind, and the nearest one with a digit in its name. */
export async function historyOf(tree: WorkTree, head: string, context: Context): Promise<History> {
  const all = await tagsInto(tree, head, context);
  const nearest = await nearestTags(tree, head, all, context);
  const floor = await floorOf(tree, head, nearest, context);
  const reached = await commitsAbove(tree, head, floor, context);
  const commits = new Set(reached.map(({ id }) => id));
  const cut = await cutOff(tree, context);
  const shallow = reached.filter(({ id, boundary }) => boundary || cut.has(id)).map(({ id }) => id);
  if (nearest.some((commit) => !commits.has(commit))) warnOfLength(context);
  const tags = all.filter(({ commit }) => commits.has(commit));
  return { commits: [...commits].sort(), shallow: shallow.sort(), tags };
}

function warnOfLength({ emit }: Context): void {
  emit({
    type: "warning",
    message: `the nearest tag is more than ${MAX_COMMITS} commits away: jobs see no tag`,
    hint: "tag a later commit, if jobs need `git describe`",
  });
}

const TAG_FORMAT = "%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)";

/** The tags that point to commits of HEAD's history; tags of tags are left out. */
async function tagsInto(tree: WorkTree, head: string, context: Context): Promise<Tag[]> {
  const args = ["for-each-ref", `--merged=${head}`, `--format=${TAG_FORMAT}`, "refs/tags/"];
  return lines(await askHistory(tree, args, context)).flatMap((line) => {
    const [id = "", type, peeled = "", peeledType, ref = ""] = line.split(" ");
    const name = ref.slice("refs/tags/".length);
    if (type === "commit") return [{ name, id, commit: id }];
    return peeledType === "commit" ? [{ name, id, commit: peeled }] : [];
  });
}

/** What tools ask for: plain `git describe`, with `--tags`, and as setuptools_scm does. */
const DESCRIBE = [[], ["--tags"], ["--tags", "--match", "*[0-9]*"]];

async function nearestTags(
  tree: WorkTree,
  head: string,
  tags: readonly Tag[],
  context: Context,
): Promise<string[]> {
  const commits = new Map(tags.map(({ name, commit }) => [name, commit]));
  const asked = tags.length === 0 ? [] : DESCRIBE;
  const exits = await Promise.all(
    asked.map((words) => tryHistory(tree, ["describe", "--abbrev=0", ...words, head], context)),
  );
  const found = exits.map(({ exitCode, stdout }) => (exitCode === 0 ? lines(stdout)[0] : undefined));
  return [...new Set(found.flatMap((name) => commits.get(name ?? "") ?? []))];
}

/**
 * The commit below which nothing is needed; null when everything is. A commit of the tag's history from which a side
 * branch of HEAD starts must be reachable from the tag here, too, or git would count it as newer. So the floor is the
 * common ancestor of all these commits.
 */
async function floorOf(
  tree: WorkTree,
  head: string,
  nearest: readonly string[],
  context: Context,
): Promise<string | null> {
  const starts = new Set(nearest);
  for (const tag of nearest) {
    const args = ["rev-list", "--boundary", `--max-count=${MAX_COMMITS}`, head, `^${tag}`];
    for (const { id, boundary } of parseReached(await askHistory(tree, args, context)))
      if (boundary) starts.add(id);
  }
  if (starts.size < 2) return nearest[0] ?? null;
  if (starts.size > MAX_STARTS) return null;
  const base = await tryHistory(tree, ["merge-base", "--octopus", ...starts], context);
  return lines(base.stdout)[0] ?? null;
}

/** As many as fit on a command line. */
const MAX_STARTS = 500;

interface Reached {
  readonly id: string;
  readonly boundary: boolean;
}

async function commitsAbove(
  tree: WorkTree,
  head: string,
  floor: string | null,
  context: Context,
): Promise<Reached[]> {
  if (floor === head) return [{ id: head, boundary: true }];
  const range = floor === null ? [head] : [head, `^${floor}`];
  const args = ["rev-list", "--topo-order", "--boundary", `--max-count=${MAX_COMMITS}`, ...range];
  return parseReached(await askHistory(tree, args, context));
}

function parseReached(answer: Buffer): Reached[] {
  return lines(answer).map((line) => ({ id: line.replace(/^-/, ""), boundary: line.startsWith("-") }));
}

/** Where the history of a shallow clone ends. */
async function cutOff(tree: WorkTree, context: Context): Promise<ReadonlySet<string>> {
  const [path = ""] = lines(await askHistory(tree, ["rev-parse", "--git-path", "shallow"], context));
  const file = resolve(tree.directory, Buffer.from(path, "latin1").toString());
  return new Set(existsSync(file) ? lines(readFileSync(file)) : []);
}
