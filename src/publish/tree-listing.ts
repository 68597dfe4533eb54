import { type BytePath, bytePath, displayPath } from "../core/byte-path.ts";
import { publishedTime } from "../core/layout.ts";
import type { ManifestEntry } from "../tree/manifest/manifest.ts";
import { parents } from "./delta.ts";

/**
 * What `list_tree` on a host says about a published or staged directory: a record `path//what` for each entry, in byte order.
 * `what` is `d MODE MTIME`, `f MODE SIZE MTIME` or `l TARGET`; one latin1 character per byte.
 */
type TreeListing = readonly string[];

type ListedEntry = Omit<ManifestEntry, "digest">;

const timeOf = (path: string) => `${publishedTime(path)}.0000000000`;

/** The listing that `snapshot/` must have; `targetOf` returns the target of a symlink. */
export function expectedListing(
  entries: readonly ListedEntry[],
  targetOf: (entry: ListedEntry) => string,
): string[] {
  const records = [directory("snapshot")];
  let last = "";
  const made = new Set<string>();
  for (const entry of entries) {
    const parent = entry.path.slice(0, Math.max(entry.path.lastIndexOf("/"), 0));
    if (parent !== last)
      for (const path of parents(entry.path)) {
        if (!made.has(path)) records.push(directory(`snapshot/${path}`));
        made.add(path);
      }
    last = parent;
    records.push(record(entry, targetOf));
  }
  return records.sort();
}

/**
 * What `listingBytes` gives for `expectedListing`, in parts, for entries in byte order of their paths; keeps neither. A record's
 * path ends in `//`, so it comes after the records whose paths continue it by less than that; in the manifest it comes before.
 */
export function* listingParts(
  entries: Iterable<ListedEntry>,
  targetOf: (entry: ListedEntry) => string,
): Generator<Buffer> {
  let part = "";
  for (const text of inOrder(recordsOf(entries, targetOf))) {
    part += `${text}\0`;
    if (part.length < PART_LENGTH) continue;
    yield Buffer.from(part, "latin1");
    part = "";
  }
  yield Buffer.from(part, "latin1");
}

const PART_LENGTH = 64 * 1024;

interface PathRecord {
  readonly path: string;
  readonly text: string;
}

/** The record of each entry and, before the first that is below it, of each directory. */
function* recordsOf(
  entries: Iterable<ListedEntry>,
  targetOf: (entry: ListedEntry) => string,
): Generator<PathRecord> {
  yield { path: "snapshot", text: directory("snapshot") };
  let before = "";
  for (const entry of entries) {
    const parent = entry.path.slice(0, entry.path.lastIndexOf("/") + 1);
    if (!before.startsWith(parent))
      for (const path of parents(entry.path))
        if (!before.startsWith(`${path}/`))
          yield { path: `snapshot/${path}`, text: directory(`snapshot/${path}`) };
    before = entry.path;
    yield { path: `snapshot/${entry.path}`, text: record(entry, targetOf) };
  }
}

function* inOrder(records: Iterable<PathRecord>): Generator<string> {
  const waiting: PathRecord[] = [];
  for (const next of records) {
    for (let last = waiting.at(-1); last !== undefined && !continues(next, last); last = waiting.at(-1)) {
      yield last.text;
      waiting.pop();
    }
    waiting.push(next);
  }
  for (const { text } of waiting.reverse()) yield text;
}

/** Whether a record comes before that of a path which its own continues. */
function continues({ path }: PathRecord, { path: start }: PathRecord): boolean {
  return path.startsWith(start) && path.slice(start.length, start.length + 2) < "//";
}

/** The record of a file that pikaci puts beside the tree. */
export function fileRecord(path: string, size: number): string {
  return `${path}//f 644 ${size} ${timeOf(path)}`;
}

function directory(path: string): string {
  return `${path}//d 755 ${timeOf(path)}`;
}

function record(entry: ListedEntry, targetOf: (entry: ListedEntry) => string): string {
  const path = `snapshot/${entry.path}`;
  switch (entry.type) {
    case "file":
      return fileRecord(path, entry.size);
    case "executable":
      return `${path}//f 755 ${entry.size} ${timeOf(path)}`;
    case "symlink":
      return `${path}//l ${targetOf(entry)}`;
    case "directory":
      return directory(path);
  }
}

/** The bytes that the host's listing is compared by. */
export function listingBytes(listing: TreeListing): Buffer {
  return Buffer.from(listing.map((text) => `${text}\0`).join(""), "latin1");
}

export function parseListing(bytes: Buffer): string[] {
  return bytes.toString("latin1").split("\0").slice(0, -1);
}

/** A record's path and whether it is a directory's. */
export function parseRecord(text: string): { readonly path: BytePath; readonly directory: boolean } {
  const at = text.indexOf("//");
  return {
    path: bytePath(Buffer.from(text.slice(0, at), "latin1")),
    directory: text.startsWith("d ", at + 2),
  };
}

/** The most telling difference, for people; null when there is none. */
export function listingDifference(expected: TreeListing, found: TreeListing): string | null {
  const [expectedPaths, foundPaths] = [expected, found].map((listing) => new Set(listing.map(pathOf)));
  const missing = expected.find((text) => foundPaths?.has(pathOf(text)) === false);
  if (missing !== undefined) return `${shown(missing)} is missing`;
  const extra = found.find((text) => expectedPaths?.has(pathOf(text)) === false);
  if (extra !== undefined) return `${shown(extra)} should not be there`;
  const index = expected.findIndex((text, at) => text !== found[at]);
  const [wanted, has] = [expected[index], found[index]];
  if (wanted === undefined || has === undefined) return null;
  return `${shown(wanted)} is \`${what(has)}\` instead of \`${what(wanted)}\``;
}

function pathOf(text: string): string {
  return text.slice(0, text.indexOf("//"));
}

function shown(text: string): string {
  return `"${displayPath(parseRecord(text).path)}"`;
}

function what(text: string): string {
  return displayPath(bytePath(Buffer.from(text.slice(text.indexOf("//") + 2), "latin1")));
}
