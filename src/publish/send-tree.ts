import { setImmediate as others } from "node:timers/promises";
import { documentBytes, END_OF_CHUNKS } from "../remote/channel.ts";
import type { Channel } from "../remote/connection.ts";
import type { Env } from "../system/exec.ts";
import { zstd } from "./compress.ts";
import { type TarItem, tarChunks } from "./tar.ts";

const KIB = 1024;
/** Bytes that are read before the compressor takes them. */
const COMPRESSED_AT_ONCE = 256 * KIB;

/**
 * Bytes of the next chunk. The receiver starts a process for each, so they should be large; it wants one every 30 s,
 * so on a slow line they must be small, and how slow it is shows only when all buffers on the way are full.
 */
export function chunkSize(sent: number, elapsedMs: number): number {
  if (sent < 16 * KIB * KIB) return 256 * KIB;
  const inTwoSeconds = Math.floor((sent / Math.max(elapsedMs, 1)) * 2000);
  return Math.min(Math.max(inTwoSeconds, 64 * KIB), KIB * KIB);
}

interface SendControl {
  /** Asked between chunks. */
  readonly stopped?: () => boolean;
  /** Told of the archive's bytes so far. */
  readonly onProgress?: (bytes: number) => void;
  /** Compress with the `zstd` of this environment; null: don't. */
  readonly compress?: Env | null;
  /** What the host checks the tree against, after the word `commit`; asked for while the host lists what it has unpacked. */
  readonly commit?: () => string;
}

/**
 * Sends items in the form that `receive_tree` expects, and the commit line once all were read to their end. When one throws,
 * the host is told that the upload is given up. Returns the number of bytes written.
 */
export async function sendTree(
  channel: Channel,
  items: Iterable<TarItem>,
  control: SendControl = {},
): Promise<number> {
  const { stopped = () => false, onProgress = () => {}, compress = null, commit } = control;
  const sending = new Sending(channel, stopped);
  try {
    if (compress === null) await sending.chunks(counted(tarChunks(items, sending.size), onProgress));
    else {
      await sending.write(Buffer.from("zstd\n"));
      const archive = tarChunks(items, () => COMPRESSED_AT_ONCE);
      await sending.chunks(chunked(zstd(counted(archive, onProgress), compress), sending.size));
    }
    if (stopped()) return sending.bytes;
    await sending.write(Buffer.from(END_OF_CHUNKS));
    const sums = commit === undefined ? "" : ` ${commit()}`;
    if (!stopped()) await sending.write(Buffer.from(`commit${sums}\n`));
    return sending.bytes;
  } catch (error) {
    if (!stopped()) await channel.write("discard\n");
    throw error;
  }
}

/** Sends a list in the form that `receive_list` expects. Returns the number of bytes written. */
export async function sendList(channel: Channel, list: Buffer): Promise<number> {
  const sending = new Sending(channel, () => false);
  await sending.chunks(chunked([list], sending.size));
  await sending.write(Buffer.from(END_OF_CHUNKS));
  return sending.bytes;
}

/** Sends chunks and measures how fast they leave. */
class Sending {
  bytes = 0;
  /** Bytes that the next chunk may have. */
  readonly size = () => chunkSize(this.bytes, performance.now() - this.#began);
  readonly #channel: Channel;
  readonly #stopped: () => boolean;
  readonly #began = performance.now();

  constructor(channel: Channel, stopped: () => boolean) {
    this.#channel = channel;
    this.#stopped = stopped;
  }

  /** Sends chunks until there are no more, or until it is stopped. */
  async chunks(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
    for await (const chunk of chunks) {
      if (this.#stopped()) return;
      if (chunk.length === 0) await others();
      else await this.write(documentBytes(chunk));
    }
  }

  async write(bytes: Buffer): Promise<void> {
    this.bytes += bytes.length;
    await this.#channel.write(bytes);
  }
}

function* counted(parts: Iterable<Buffer>, onProgress: (bytes: number) => void): Generator<Buffer> {
  let bytes = 0;
  for (const part of parts) {
    bytes += part.length;
    onProgress(bytes);
    yield part;
  }
}

/** Cuts a stream into pieces of the sizes that `size` asks for; only the last may be smaller, and none is empty. */
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
