import { displayPath } from "../../core/byte-path.ts";
import { SnapshotRefused } from "../../core/errors.ts";
import type { ContentFinding } from "../../core/guard-rules.ts";
import type { HashedEntry, SnapshotEntry } from "../../core/snapshot.ts";
import { createHasher, type Hasher } from "../../system/blake3.ts";
import {
  hasCode,
  type Inspected,
  inspect,
  isRegular,
  openFile,
  readLink,
  unreadable,
} from "../../system/files.ts";
import { CONTENT_LIMIT, contentFindings } from "../guards/contents.ts";

/** Bytes read at once: few enough for a processor's cache, and at least what the guards look at. */
const READ_SIZE = Math.max(256 << 10, CONTENT_LIMIT);

/** How often a file that changes under the reader is read again, waiting 10, 20, 40 and 80 ms between. */
const ATTEMPTS = 5;

/** Error codes for a path that is gone or has another type by now. */
const TRANSFORMED = ["ENOENT", "ENOTDIR", "ELOOP", "EINVAL", "EISDIR", "ENXIO", "EAGAIN"];

/** The directory that entries are in. */
export interface Place {
  readonly root: string;
  /** As `Snapshot.keepModes`: a file that changed meanwhile keeps the mode of its entry. */
  readonly keepModes: boolean;
}

/** Hashes entries one after the other with one buffer; null for what is gone. Throws SnapshotRefused. */
export function hashFiles(place: Place, entries: readonly SnapshotEntry[]): (HashedEntry | null)[] {
  const reader = new Reader(place);
  return entries.map((entry) => reader.hash(entry));
}

class Reader {
  private readonly root: string;
  private readonly keepModes: boolean;
  private readonly hasher: Hasher = createHasher();
  private readonly buffer = Buffer.allocUnsafe(READ_SIZE);

  constructor({ root, keepModes }: Place) {
    this.root = root;
    this.keepModes = keepModes;
  }

  /** The entry as it is now; equal stats before and after reading show that the content is consistent. */
  hash(entry: SnapshotEntry): HashedEntry | null {
    let expected: SnapshotEntry | null = entry;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (attempt > 0) {
        sleep(5 * 2 ** attempt);
        expected = this.refresh(entry);
      }
      if (expected === null) return null;
      const hashed = this.attempt(expected);
      if (hashed !== null) return hashed;
    }
    throw new SnapshotRefused(`"${displayPath(entry.path)}" keeps changing while it is read`, {
      hint: "stop what writes to it, or leave it out: `.gitignore`, or `snapshot.exclude` in the configuration",
    });
  }

  private refresh(entry: SnapshotEntry): SnapshotEntry | null {
    const now = inspect(this.root, entry.path);
    if (now === null) return null;
    const { type, size, stat } = now;
    if (type !== "special" && (type === "directory") === (entry.type === "directory"))
      return {
        path: entry.path,
        type: this.keepModes && isRegular(entry) && isRegular(now) ? entry.type : type,
        size,
        stat,
      };
    throw new SnapshotRefused(`"${displayPath(entry.path)}" became a ${type} file while it was read`, {
      hint: "run the command again once nothing changes the workspace",
    });
  }

  /** One try; null when the entry is not, or no longer, what was expected. */
  private attempt(expected: SnapshotEntry): HashedEntry | null {
    try {
      const after = this.read(expected);
      if (after?.stat !== expected.stat) return null;
    } catch (cause) {
      if (hasCode(cause, TRANSFORMED)) return null;
      throw cause instanceof SnapshotRefused ? cause : unreadable(expected.path, cause);
    }
    const digest = this.hasher.digest("hex");
    const findings = this.findings(expected);
    return findings.length === 0 ? { ...expected, digest } : { ...expected, digest, findings };
  }

  /** The guards' findings in a small file, whose whole content is in the buffer. */
  private findings({ type, path, size }: SnapshotEntry): readonly ContentFinding[] {
    return isRegular({ type }) && size <= CONTENT_LIMIT ? contentFindings(path, this.buffer, size) : [];
  }

  /** Feeds the hasher; returns what is at the path after reading. */
  private read({ type, path, size }: SnapshotEntry): Inspected | null {
    this.hasher.reset();
    if (type === "directory") return inspect(this.root, path);
    if (type === "symlink") {
      this.hasher.update(readLink(this.root, path));
      return inspect(this.root, path);
    }
    const file = openFile(this.root, path);
    try {
      this.readFile(file.read, size);
      return file.inspect();
    } finally {
      file.close();
    }
  }

  /** Reads little more than the expected size, even when the file grows while it is read. A small file stays in the buffer. */
  private readFile(read: (buffer: Buffer) => number, size: number): void {
    for (let total = 0; total <= size; ) {
      const target = total > 0 && size <= READ_SIZE ? this.buffer.subarray(total) : this.buffer;
      const count = read(target);
      if (count === 0) return;
      this.hasher.update(count === target.length ? target : target.subarray(0, count));
      total += count;
      if (total === size && count < READ_SIZE) return;
    }
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
