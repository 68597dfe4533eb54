import { documentBytes, END_OF_CHUNKS } from "./channel.ts";
import { zstd } from "./compress.ts";
import type { Channel } from "./connection.ts";
import type { Env } from "./exec.ts";
import { type TarItem, tarArchive } from "./tar.ts";

const KIB = 1024;

/**
 * Bytes of the next chunk. The receiver starts a process for each, so they should be large; it wants one every 30 s,
 * so on a slow line they must be small, and how slow it is shows only when all buffers on the way are full.
 */
export function chunkSize(sent: number, elapsedMs: number): number {
  if (sent < 16 * KIB * KIB) return 256 * KIB;
  const inTwoSeconds = Math.floor((sent / Math.max(elapsedMs, 1)) * 2000);
  return Math.min(Math.max(inTwoSeconds, 64 * KIB), KIB * KIB);
}

export interface SendControl {
  /** Asked between chunks. */
  readonly stopped?: () => boolean;
  /** Told of the archive's bytes so far. */
  readonly onProgress?: (bytes: number) => void;
  /** Compresses with this environment's `zstd`; null: does not. */
  readonly compress?: Env | null;
  /** What the host checks the tree against, after the word `commit`. */
  readonly commit?: string;
}

/**
 * Sends items as `receive_tree` takes them, and the commit line only when all were read to their end; when one throws,
 * the host is told that the upload is given up. Gives the bytes written.
 */
export async function sendTree(
  channel: Channel,
  items: Iterable<TarItem>,
  control: SendControl = {},
): Promise<number> {
  const { stopped = () => false, onProgress = () => {}, compress = null, commit } = control;
  const archive = counted(tarArchive(items), onProgress);
  const parts = compress === null ? archive : zstd(archive, compress);
  const end = Buffer.from(`${END_OF_CHUNKS}commit${commit === undefined ? "" : ` ${commit}`}\n`);
  try {
    const begin = compress === null ? 0 : await writeAll(channel, Buffer.from("zstd\n"));
    const sent = begin + (await sendChunks(channel, parts, stopped));
    return stopped() ? sent : sent + (await writeAll(channel, end));
  } catch (error) {
    if (!stopped()) await channel.write("discard\n");
    throw error;
  }
}

/** A stream of chunks at hand, as `receive_list` takes it. Gives the bytes written. */
export async function sendList(channel: Channel, list: Buffer): Promise<number> {
  const sent = await sendChunks(channel, [list], () => false);
  return sent + (await writeAll(channel, Buffer.from(END_OF_CHUNKS)));
}

async function sendChunks(
  channel: Channel,
  parts: AsyncIterable<Buffer> | Iterable<Buffer>,
  stopped: () => boolean,
): Promise<number> {
  let sent = 0;
  const began = performance.now();
  for await (const chunk of chunked(parts, () => chunkSize(sent, performance.now() - began))) {
    if (stopped()) return sent;
    sent += await writeAll(channel, documentBytes(chunk));
  }
  return sent;
}

async function writeAll(channel: Channel, bytes: Buffer): Promise<number> {
  await channel.write(bytes);
  return bytes.length;
}

async function* counted(
  parts: AsyncIterable<Buffer>,
  onProgress: (bytes: number) => void,
): AsyncGenerator<Buffer, void, undefined> {
  let bytes = 0;
  for await (const part of parts) {
    bytes += part.length;
    onProgress(bytes);
    yield part;
  }
}

/** The same bytes in pieces of the asked sizes; only the last is smaller, and none is empty. */
export async function* chunked(
  parts: AsyncIterable<Buffer> | Iterable<Buffer>,
  size: () => number,
): AsyncGenerator<Buffer, void, undefined> {
  let held: Buffer[] = [];
  let length = 0;
  let wanted = size();
  for await (const part of parts) {
    held.push(part);
    length += part.length;
    while (length >= wanted) {
      const all = Buffer.concat(held);
      yield all.subarray(0, wanted);
      held = [all.subarray(wanted)];
      length = all.length - wanted;
      wanted = size();
    }
  }
  if (length > 0) yield Buffer.concat(held);
}
