import { setImmediate as others } from "node:timers/promises";
import type { BytePath } from "../core/byte-path.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { placeOf } from "../core/workspace-of.ts";
import { hasCode, hasHoles, type OpenFile, openFile } from "../system/files.ts";
import { dataRuns } from "../system/holes.ts";
import type { ManifestEntry } from "../tree/manifest/manifest.ts";
import { dataBytes, type Piece, type SparseMap } from "./sparse-map.ts";

/** Smaller files are sent whole: a map costs more than their holes. */
const LEAST_SIZE = 64 * 1024;
const READ_AT_ONCE = 1 << 20;
/** Bytes read before others may run: heartbeats among them. */
const READ_IN_A_ROW = 64 * READ_AT_ONCE;
/** The last block of a file counts as data, so that its last byte is sent, and only after all were checked (verified.ts). */
const BLOCK = 4096;

/** The files of a tree that have holes, as far as they were looked for. */
export class SparseFiles {
  readonly #snapshot: Snapshot;
  readonly #found = new Map<BytePath, SparseMap | null>();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  /** Looks for holes in these files, unless that was done: reads those that take less room than their length. */
  async find(entries: readonly ManifestEntry[]): Promise<void> {
    if (this.#snapshot.workspace === null) return;
    for (const entry of entries) {
      if (entry.size < LEAST_SIZE || entry.type === "symlink" || this.#found.has(entry.path)) continue;
      this.#found.set(entry.path, await mapOf(placeOf(this.#snapshot, entry), entry));
    }
  }

  /** Null for a file without holes. */
  mapOf({ path }: ManifestEntry): SparseMap | null {
    return this.#found.get(path) ?? null;
  }

  /** Bytes of holes in these files. */
  holeBytes(entries: readonly ManifestEntry[]): number {
    return entries.reduce((sum, entry) => {
      const map = this.mapOf(entry);
      return map === null ? sum : sum + map.size - dataBytes(map);
    }, 0);
  }
}

/** Null for a file without holes, and for one that cannot be read now: the sender will name it. */
async function mapOf(workspace: string, { path, size }: ManifestEntry): Promise<SparseMap | null> {
  try {
    if (!hasHoles(workspace, path)) return null;
    const file = openFile(workspace, path);
    try {
      const map = { size, data: await readPieces(file, size) };
      return dataBytes(map) === size ? null : map;
    } finally {
      file.close();
    }
  } catch (error) {
    if (hasCode(error, ["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "EISDIR", "ENXIO"])) return null;
    throw error;
  }
}

async function readPieces(file: OpenFile, size: number): Promise<Piece[]> {
  const pieces: Piece[] = [];
  const buffer = Buffer.allocUnsafe(READ_AT_ONCE);
  let place = 0;
  for (let count = -1; count !== 0 && place < size; place += count) {
    count = Math.min(file.read(buffer), size - place);
    for (const { start, end } of dataRuns(buffer.subarray(0, count), place))
      addPiece(pieces, place + start, place + end);
    if (place % READ_IN_A_ROW < READ_AT_ONCE) await others();
  }
  addPiece(pieces, Math.floor((size - 1) / BLOCK) * BLOCK, size);
  return pieces;
}

/** Adds a piece that begins after the last one, where that ends, or within it. */
function addPiece(pieces: Piece[], offset: number, end: number): void {
  const last = pieces.at(-1);
  const lastEnd = last === undefined ? -1 : last.offset + last.length;
  if (last === undefined || lastEnd < offset) pieces.push({ offset, length: end - offset });
  else pieces[pieces.length - 1] = { ...last, length: Math.max(end, lastEnd) - last.offset };
}
