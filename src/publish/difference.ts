import type { HashedSnapshot } from "../core/snapshot.ts";
import { b3sumsLine } from "../tree/manifest/b3sums.ts";
import {
  entryCount,
  entryLength,
  type ManifestEntry,
  readEntry,
  walkManifests,
} from "../tree/manifest/manifest.ts";
import type { Stale } from "./delta.ts";
import { type Copy, CopyList } from "./patch.ts";

/** How a published tree differs from a hashed one, both sides in byte order of paths. */
export interface Difference {
  /** Entries of the published tree that are gone or changed. */
  readonly stale: readonly Stale[];
  /** Entries of the hashed tree that are new or changed. */
  readonly added: readonly ManifestEntry[];
  /** Bytes of content that the published tree has nowhere, and about what their headers need. */
  readonly bytes: number;
  /** Byte runs that the two manifests, and the two B3SUMS, have in common. */
  readonly manifest: readonly Copy[];
  readonly b3sums: readonly Copy[];
}

const HEADER = 512;

/** `base` is the manifest of the published tree and matches its hash. */
export function differenceTo(base: Buffer, { manifest }: Pick<HashedSnapshot, "manifest">): Difference {
  const stale: Stale[] = [];
  const added: ManifestEntry[] = [];
  const [copies, lines] = [new CopyList(), new CopyList()];
  let [oldLine, newLine] = [0, 0];
  walkManifests(base, manifest, {
    same: (before, after, length) => {
      copies.add(before, after, length);
      const line = lineLength(base, before);
      lines.add(oldLine, newLine, line);
      oldLine += line;
      newLine += line;
    },
    removed: (entry) => {
      stale.push(entry);
      oldLine += lineBytes(entry);
    },
    added: (entry) => {
      added.push(entry);
      newLine += lineBytes(entry);
    },
  });
  return {
    stale,
    added,
    bytes: bytesToSend(stale, added),
    manifest: copies.longest(),
    b3sums: lines.longest(),
  };
}

/** What sending the whole tree costs, counted like `Difference.bytes`. */
export function wholeBytes({ byteCount, manifest }: HashedSnapshot): number {
  return byteCount + HEADER * entryCount(manifest);
}

function bytesToSend(stale: readonly Stale[], added: readonly ManifestEntry[]): number {
  return contentToSend({ stale, added }).reduce((sum, { size }) => sum + size + HEADER, 0);
}

/** The added entries whose content the published tree has nowhere. */
export function contentToSend({
  stale,
  added,
}: Pick<Difference, "stale" | "added">): readonly ManifestEntry[] {
  const known = new Set(stale.map(({ digest }) => digest));
  return added.filter(({ digest }) => !known.has(digest));
}

/** Bytes of an entry's line in B3SUMS. */
function lineBytes(entry: ManifestEntry): number {
  if (entry.type !== "file" && entry.type !== "executable") return 0;
  return Buffer.byteLength(b3sumsLine(entry) ?? "");
}

const [FILE, EXECUTABLE] = [0x66, 0x78];
const PLAIN_LINE = 64 + "  ./\n".length;

/** Bytes of the line in B3SUMS of the entry at `start` of a manifest; a name of plain ASCII costs no string. */
function lineLength(manifest: Buffer, start: number): number {
  if (manifest[start] !== FILE && manifest[start] !== EXECUTABLE) return 0;
  const pathStart = start + 13;
  const pathEnd = start + entryLength(manifest, start) - 32;
  for (let at = pathStart; at < pathEnd; at += 1) {
    const byte = manifest[at] ?? 0;
    if (byte < 0x20 || byte > 0x7e || byte === 0x5c) return lineBytes(readEntry(manifest, start).entry);
  }
  return PLAIN_LINE + pathEnd - pathStart;
}
