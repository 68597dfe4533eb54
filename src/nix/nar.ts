import { createHash, type Hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { BytePath } from "../core/byte-path.ts";
import { abortError } from "../core/errors.ts";
import { parseStorePath, type StorePath } from "../core/ids.ts";
import type { HashedEntry } from "../core/snapshot.ts";
import { readVerified } from "../publish/verified.ts";

/** A node of a tree: an entry, or what lies in a directory by its names. */
type Node = HashedEntry | Map<string, Node>;

/** Bytes after which others get their turn: the client's heartbeats, say. */
const TURN = 16 * 2 ** 20;

/**
 * SHA-256 of what lies below `root` in Nix's archive format (NAR), read as it was hashed; a `single` entry is itself the
 * archive's top. The format: Dolstra, "The Purely Functional Software Deployment Model", 2006, §5.2. TreeChanged,
 * SnapshotRefused, the signal's error.
 */
export async function narHash(
  root: string,
  entries: readonly HashedEntry[],
  single: boolean,
  signal: AbortSignal,
): Promise<Buffer> {
  const [only] = entries;
  const hash = createHash("sha256");
  word(hash, "nix-archive-1");
  let since = 0;
  for (const count of pack(hash, root, single && only !== undefined ? only : treeOf(entries))) {
    since += count;
    if (since < TURN) continue;
    since = 0;
    await setImmediate();
    if (signal.aborted) throw abortError(signal);
  }
  return hash.digest();
}

/** The store path of a NAR that refers to no other path: `nix store add-path --name NAME` gives the same. */
export function storePathOf(nar: Buffer, name: string): StorePath {
  const fingerprint = `source:sha256:${nar.toString("hex")}:/nix/store:${name}`;
  const folded = Buffer.alloc(20);
  for (const [index, byte] of createHash("sha256").update(fingerprint).digest().entries())
    folded[index % folded.length] = (folded[index % folded.length] ?? 0) ^ byte;
  return parseStorePath(`/nix/store/${base32(folded)}-${name}`);
}

const DIGITS = "0123456789abcdfghijklmnpqrsvwxyz";

/** Nix's own base 32: five bits a digit, the last ones first. */
function base32(bytes: Buffer): string {
  const count = Math.ceil((bytes.length * 8) / 5);
  return Array.from({ length: count }, (_, index) => {
    const bit = (count - 1 - index) * 5;
    const pair = (bytes[bit >> 3] ?? 0) | ((bytes[(bit >> 3) + 1] ?? 0) << 8);
    return DIGITS[(pair >> (bit & 7)) & 31];
  }).join("");
}

function treeOf(entries: readonly HashedEntry[]): Map<string, Node> {
  const root = new Map<string, Node>();
  for (const entry of entries) {
    const steps = entry.path.split("/");
    const name = steps.pop() ?? "";
    let place = root;
    for (const step of steps) {
      const inner = place.get(step);
      if (inner instanceof Map) place = inner;
      else {
        const made = new Map<string, Node>();
        place.set(step, made);
        place = made;
      }
    }
    place.set(name, entry.type === "directory" ? new Map<string, Node>() : entry);
  }
  return root;
}

/** Gives the number of bytes after each file. */
function* pack(hash: Hash, root: string, node: Node): Generator<number> {
  words(hash, "(", "type");
  if (node instanceof Map) {
    word(hash, "directory");
    const names = [...node.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, inner] of names) {
      words(hash, "entry", "(", "name", name, "node");
      yield* pack(hash, root, inner);
      word(hash, ")");
    }
  } else if (node.type === "symlink") {
    words(hash, "symlink", "target");
    contents(hash, root, node);
  } else {
    word(hash, "regular");
    if (node.type === "executable") words(hash, "executable", "");
    word(hash, "contents");
    contents(hash, root, node);
    yield node.size;
  }
  word(hash, ")");
}

function contents(hash: Hash, root: string, entry: HashedEntry): void {
  hash.update(length(entry.size));
  for (const chunk of readVerified(root, entry)) hash.update(chunk);
  hash.update(padding(entry.size));
}

function words(hash: Hash, ...all: readonly (string | BytePath)[]): void {
  for (const one of all) word(hash, one);
}

/** One latin1 character per byte. */
function word(hash: Hash, text: string): void {
  hash.update(length(text.length)).update(text, "latin1").update(padding(text.length));
}

function length(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function padding(size: number): Buffer {
  return Buffer.alloc((8 - (size % 8)) % 8);
}
