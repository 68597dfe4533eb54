import { type BytePath, toPath } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import { askHistory, lines } from "./ask.ts";
import type { GitState } from "./state.ts";
import type { Tracked } from "./tracked.ts";

/** A version of a file of the snapshot. */
export interface Blob {
  readonly path: BytePath;
  readonly id: string;
}

/** HEAD's tree: the objects of all its directories, and the blob at each path. */
interface HeadTree {
  readonly trees: readonly string[];
  readonly blobs: readonly Blob[];
}

export async function headTree({ tree, head }: GitState, context: Context): Promise<HeadTree> {
  const [top = ""] = lines(await askHistory(tree, ["rev-parse", `${head}^{tree}`], context));
  const listing = await askHistory(tree, ["ls-tree", "-r", "-t", "-z", "--full-tree", head], context);
  return parseTree(top, listing);
}

/** Parses `git ls-tree -r -t -z`: `<mode> <type> <id>\t<path>`. */
export function parseTree(top: string, listing: Buffer): HeadTree {
  const trees = new Set([top]);
  const blobs: Blob[] = [];
  for (const record of listing.toString("latin1").split("\0").slice(0, -1)) {
    const tab = record.indexOf("\t");
    const [, type, id = ""] = record.slice(0, tab).split(" ");
    if (type === "tree") trees.add(id);
    else if (type === "blob") blobs.push({ path: toPath(record.slice(tab + 1)), id });
  }
  return { trees: [...trees].sort(), blobs };
}

/** The versions in HEAD and the index of the snapshot's files, and of no other file. */
export function blobsOf(
  head: HeadTree,
  tracked: readonly Tracked[],
  inSnapshot: (path: BytePath) => boolean,
): Blob[] {
  const staged = tracked.filter(({ mode }) => mode !== GITLINK);
  const all = [...head.blobs, ...staged.map(({ path, id }) => ({ path, id }))];
  return all.filter(({ path }) => inSnapshot(path));
}

export const GITLINK = "160000";

/** The sizes of those blobs that this repository has; a partial clone lacks some, and none is fetched. */
export async function present(
  ids: readonly string[],
  { tree }: GitState,
  context: Context,
): Promise<ReadonlyMap<string, number>> {
  const args = ["cat-file", "--batch-check=%(objectname) %(objectsize)", "--buffer"];
  const answers = lines(await askHistory(tree, args, context, { input: idList(ids) }));
  const words = answers.filter((line) => !line.endsWith(" missing")).map((line) => line.split(" "));
  return new Map(words.map(([id = "", size]) => [id, Number(size)]));
}

/** The contents of blobs, by their ids. */
export async function contents(
  ids: readonly string[],
  { tree }: GitState,
  context: Context,
): Promise<ReadonlyMap<string, Buffer>> {
  const answer = await askHistory(tree, ["cat-file", "--batch", "--buffer"], context, { input: idList(ids) });
  const found = new Map<string, Buffer>();
  for (let at = 0; at < answer.length; ) {
    const end = answer.indexOf("\n", at);
    const [id = "", , size] = answer.toString("latin1", at, end).split(" ");
    const next = end + 1 + Number(size);
    found.set(id, answer.subarray(end + 1, next));
    at = next + 1;
  }
  return found;
}

/** The input for git: each id once, sorted. */
export function idList(ids: Iterable<string>): Buffer {
  return Buffer.from(
    [...new Set(ids)]
      .sort()
      .map((id) => `${id}\n`)
      .join(""),
  );
}
