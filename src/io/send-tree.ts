import { documentBytes, END_OF_CHUNKS } from "./channel.ts";
import type { Channel } from "./connection.ts";
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
  const began = performance.now();
  const size = () => chunkSize(sent, performance.now() - began);
  for await (const chunk of chunked(tarArchive(items), size)) {
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

/** The same bytes in pieces of the asked sizes; only the last is smaller, and none is empty. */
export async function* chunked(
  parts: AsyncIterable<Buffer>,
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
