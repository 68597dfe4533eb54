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

/** What arrows, function keys and a mouse send: their letters are no keys. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal sends control characters
const SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?/gs;

/** The keys in what a terminal sent, which on a busy machine may be many at once; others mean nothing. */
export function keysOf(data: Buffer): readonly WatchKey[] {
  return [...data.toString("latin1").replace(SEQUENCES, "")].flatMap((key) => MEANINGS[key] ?? []);
}
