import { isAbsolute, join, relative } from "node:path";
import { type BytePath, bytePath, displayPath, parentPath, pathBytes, ROOT } from "../core/byte-path.ts";
import type { Context } from "../core/context.ts";
import { type Finding, isWarning } from "../core/guard-rules.ts";
import type { LeftOut, SnapshotEntry, SnapshotFilters } from "../core/snapshot.ts";
import { type Inspected, inspect } from "../system/files.ts";
import { openWorkTree } from "../system/git.ts";
import { askAbout, type GitKnowledge } from "./explain-git.ts";
import {
  describePattern,
  type Explanation,
  type ExplanationRule,
  type IgnorePattern,
} from "./explanation.ts";
import { isOwn, rules } from "./filters.ts";
import { CONTENT_LIMIT } from "./guards/contents.ts";
import { DEFAULT_MAX_FILE_SIZE, pathFindings } from "./guards/paths.ts";
import { describeRule, notAllowed } from "./guards/refuse.ts";
import { hashFiles } from "./hashing/hash-files.ts";
import { type SnapshotInput, type Survey, survey } from "./snapshot.ts";

type Verdict = Pick<Explanation, "verdict" | "rule" | "text">;

const out = (rule: ExplanationRule, text: string): Verdict => ({ verdict: "out", rule, text });

/**
 * Why an absolute path is in the snapshot that `snapshot` would take, is not, or would make it fail: the same decision, with
 * what git and the filters say about the path. Throws what `snapshot` throws for a tree that cannot be read.
 */
export async function explain(
  input: SnapshotInput,
  absolute: string,
  context: Context,
): Promise<Explanation> {
  const text = relative(input.workspace, absolute);
  const path = bytePath(Buffer.from(text));
  if (text === ".." || text.startsWith("../") || isAbsolute(text)) {
    const outside = out("outside-workspace", `lies outside the workspace ${input.workspace}`);
    return { path: bytePath(Buffer.from(absolute)), type: null, size: 0, ...outside };
  }
  const found = inspectBelow(input.workspace, path);
  const tree = await survey(input, context);
  const verdict = await decide({ ...tree, path, found, filters: input.filters }, context);
  return { path, type: found?.type ?? null, size: found?.size ?? 0, ...verdict };
}

interface Question extends Survey {
  readonly path: BytePath;
  readonly found: Inspected | null;
  readonly filters: SnapshotFilters;
}

async function decide(question: Question, context: Context): Promise<Verdict> {
  const { path, entries, leftOut, specials, isKept } = question;
  if (isOwn(path) || isKept(path)) return OWN;
  const entry = entries.find((candidate) => candidate.path === path);
  if (entry !== undefined) return counted(entry, question, context);
  if (specials.includes(path))
    return { verdict: "refused", rule: "special-file", text: "is a socket, FIFO or device" };
  const rule = leftOut.find((candidate) => covers(candidate, path))?.rule;
  if (rule !== undefined) return leftOutBy(rule, question, context);
  const link = symlinkAbove(question.root, path);
  if (link !== null)
    return out("below-symlink", `lies below the symlink "${displayPath(link)}", which counts as a link`);
  if (question.found === null) return absent(question, context);
  return uncounted(question, await knowledge(question, context));
}

/** A directory that was left out stands for everything below it. */
function covers({ path: left }: LeftOut, path: BytePath): boolean {
  return left === path || (left.endsWith("/") && `${path}/`.startsWith(left));
}

async function counted(entry: SnapshotEntry, question: Question, context: Context): Promise<Verdict> {
  const refused = guarded(entry, question);
  if (refused.length > 0)
    return {
      verdict: "refused",
      rule: "guard",
      text: `is refused by the guards: ${refused.map(describeRule).join("; ")}`,
    };
  const known = await knowledge(question, context);
  if (known?.tracked) {
    const despite = known.pattern === null ? "" : `, although ${describePattern(known.pattern)} ignores it`;
    return { verdict: "in", rule: "tracked", text: `is tracked by git${despite}` };
  }
  if (known === null || known.pattern !== null)
    return { verdict: "in", rule: "outside-git", text: "lies in no git work tree, where every file counts" };
  return { verdict: "in", rule: "untracked", text: "is not tracked by git, and not ignored" };
}

/** What the guards refuse of an entry, its content included. */
function guarded(entry: SnapshotEntry, { root, filters }: Question): readonly Finding[] {
  const { path, type, size } = entry;
  if (type !== "file" && type !== "executable") return [];
  const { allow = [], maxFileSize = DEFAULT_MAX_FILE_SIZE } = filters;
  const byPath = pathFindings(path, size, maxFileSize).map((rule) => ({ path, rule, line: null }));
  const [hashed] = size <= CONTENT_LIMIT ? hashFiles({ root, keepModes: false }, [entry]) : [];
  const byContent = (hashed?.findings ?? []).map((finding) => ({ path, ...finding }));
  return notAllowed([...byPath, ...byContent], allow).filter(({ rule }) => !isWarning(rule));
}

async function leftOutBy(rule: string, question: Question, context: Context): Promise<Verdict> {
  switch (rule) {
    case rules.own:
      return OWN;
    case rules.nested:
      return out("nested-repository", "lies in a git repository of its own that is no submodule");
    case rules.uninitialised:
      return out("submodule", "lies in a submodule that is not initialised: `git submodule update --init`");
    case rules.notIncluded:
      return out("not-included", "matches no glob of `snapshot.include` in the configuration");
    case rules.ignored:
      return out("ignored", ignoredText((await knowledge(question, context))?.pattern ?? null));
    default:
      return out("excluded", `is left out by the configuration: ${rule}`);
  }
}

function ignoredText(pattern: IgnorePattern | null): string {
  return `is ignored by git${pattern === null ? "" : `: ${describePattern(pattern)}`}`;
}

async function absent(question: Question, context: Context): Promise<Verdict> {
  const known = await knowledge(question, context);
  if (known?.sparse) return out("sparse", "is tracked, and left away by the sparse checkout");
  if (known?.tracked) return out("deleted", "is tracked, and deleted in the work tree");
  return out("missing", "does not exist");
}

function uncounted({ path, found, entries, leftOut }: Question, known: GitKnowledge | null): Verdict {
  const pattern = known?.tracked ? null : (known?.pattern ?? null);
  if (pattern !== null) return out("ignored", ignoredText(pattern));
  if (found?.type !== "directory") return out("missing", "was not there when the tree was looked at");
  const below = (other: { readonly path: BytePath }) => path === ROOT || other.path.startsWith(`${path}/`);
  const inside = entries.filter(below).length;
  const outside = leftOut.filter(below).length;
  if (inside + outside === 0) return out("empty-directory", "is an empty directory, which git does not know");
  const text = `is a directory: ${inside} of the paths below it are in, ${outside} are left out`;
  return inside > 0 ? { verdict: "in", rule: "directory", text } : out("directory", text);
}

const OWN = out("own", "is pikaci's or git's own, which is never in");

/** Null outside git. Asked in the nearest directory that exists, which may be a submodule's. */
async function knowledge({ root, path }: Question, context: Context): Promise<GitKnowledge | null> {
  const tree = await openWorkTree(root, context);
  const directory = nearestDirectory(root, path);
  const text = pathBytes(directory).toString();
  if (tree === null || !Buffer.from(text).equals(pathBytes(directory))) return null;
  const name = directory === ROOT ? path : bytePath(pathBytes(path).subarray(directory.length + 1));
  return askAbout({ ...tree, directory: join(root, text) }, name, context);
}

function nearestDirectory(root: string, path: BytePath): BytePath {
  let directory = parentPath(path);
  while (directory !== ROOT && inspectBelow(root, directory)?.type !== "directory")
    directory = parentPath(directory);
  return directory;
}

/** The topmost symlink that a path leads through. */
function symlinkAbove(root: string, path: BytePath): BytePath | null {
  const parents: BytePath[] = [];
  for (let parent = parentPath(path); parent !== ROOT; parent = parentPath(parent)) parents.unshift(parent);
  return parents.find((parent) => inspectBelow(root, parent)?.type === "symlink") ?? null;
}

/** Null also when a parent is not a directory. */
function inspectBelow(root: string, path: BytePath): Inspected | null {
  const parent = parentPath(path);
  const above = path === ROOT || parent === ROOT ? null : inspectBelow(root, parent);
  const reachable =
    path === ROOT || parent === ROOT || above?.type === "directory" || above?.type === "symlink";
  return reachable ? inspect(root, path) : null;
}
