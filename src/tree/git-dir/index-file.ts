import { createHash } from "node:crypto";
import { type BytePath, toPath } from "../../core/byte-path.ts";

/** What git compares with `core.checkStat=minimal`: seconds since 1970, and bytes. */
export interface GuestStat {
  readonly mtime: number;
  readonly size: number;
}

/** Bytes of an entry before its object id: ten numbers of 32 bits. */
const HEAD = 40;
const MTIME = 8;
const SIZE = 36;

/**
 * An index as git wrote it (version 2 or 3), with the stats of `statOf`. Entries for which it has none get zeros, so that git
 * reads those files. The checksum at the end is computed again.
 */
export function withStats(
  index: Buffer,
  format: "sha1" | "sha256",
  statOf: (path: BytePath) => GuestStat | null,
): Buffer {
  const idSize = format === "sha1" ? 20 : 32;
  const version = index.readUInt32BE(4);
  if (index.toString("latin1", 0, 4) !== "DIRC" || (version !== 2 && version !== 3))
    throw new Error(`git wrote an index of version ${version}, and was asked for 2`);
  const bytes = Buffer.from(index);
  let at = 12;
  for (let left = index.readUInt32BE(8); left > 0; left -= 1) {
    const flags = at + HEAD + idSize;
    const start = flags + ((bytes.readUInt16BE(flags) & 0x4000) === 0 ? 2 : 4);
    const end = bytes.indexOf(0, start);
    const stat = statOf(toPath(bytes.toString("latin1", start, end)));
    bytes.fill(0, at, at + MTIME + 16).fill(0, at + 28, at + HEAD);
    bytes.writeUInt32BE(stat?.mtime ?? 0, at + MTIME);
    bytes.writeUInt32BE((stat?.size ?? 0) % 2 ** 32, at + SIZE);
    at += 8 * (Math.floor((end - at) / 8) + 1);
  }
  const content = bytes.subarray(0, -idSize);
  createHash(format).update(content).digest().copy(bytes, content.length);
  return bytes;
}
