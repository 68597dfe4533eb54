import { documentBytes, END_OF_CHUNKS } from "./channel.ts";
import type { Channel } from "./connection.ts";
import { type TarItem, tarArchive } from "./tar.ts";

/** Bytes of a chunk: the receiver wants one in every 30 s, and starts a process for each. */
const CHUNK_SIZE = 256 * 1024;

/**
 * Sends items as `receive_tree` takes them, and the commit line only when all were read to their end.
 * Gives the bytes written. `stopped` is asked between chunks; `onProgress` is told of bytes so far.
 */
export async function sendTree(
  channel: Channel,
  items: Iterable<TarItem>,
  control: { readonly stopped?: () => boolean; readonly onProgress?: (bytes: number) => void } = {},
): Promise<number> {
  let sent = 0;
  for await (const chunk of chunked(tarArchive(items))) {
    if (control.stopped?.() === true) return sent;
    const bytes = documentBytes(chunk);
    await channel.write(bytes);
    sent += bytes.length;
    control.onProgress?.(sent);
  }
  const end = Buffer.from(`${END_OF_CHUNKS}commit\n`);
  await channel.write(end);
  return sent + end.length;
}

/** The same bytes in pieces of one size; only the last is smaller, and none is empty. */
export async function* chunked(
  parts: AsyncIterable<Buffer>,
  size = CHUNK_SIZE,
): AsyncGenerator<Buffer, void, undefined> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const part of parts) {
    held.push(part);
    length += part.length;
    while (length >= size) {
      const all = Buffer.concat(held);
      yield all.subarray(0, size);
      held = [all.subarray(size)];
      length = all.length - size;
    }
  }
  if (length > 0) yield Buffer.concat(held);
}
