/** What a key asks a watch for. */
export type WatchKey = "all" | "failed" | "log" | "leave" | "interrupt";

const MEANINGS: Readonly<Record<string, WatchKey>> = {
  r: "all",
  f: "failed",
  l: "log",
  q: "leave",
  "\x03": "interrupt",
  "\x04": "leave",
};

/** What a terminal says of the keys, for the bottom line. */
export const KEY_HELP = "r run all · f run failed · l log · q leave";

/** The keys in what a terminal sent; others, and what begins with an escape (arrows, a mouse), mean nothing. */
export function keysOf(data: Buffer): readonly WatchKey[] {
  const text = data.toString("latin1");
  if (text.startsWith("\x1b")) return [];
  return [...text].flatMap((key) => MEANINGS[key] ?? []);
}
