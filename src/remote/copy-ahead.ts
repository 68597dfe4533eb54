import type { Env } from "../system/exec.ts";

/** Files of a tree that is worth several processes on the host, and a copy that is made ahead of the next edit. */
const LARGE_TREE = 20_000;

/** `no`: no copies are made ahead; a number: of trees with so many files. */
const VARIABLE = "PIKACI_COPY_AHEAD";

/** From how many files on the host copies a snapshot ahead, docs/state-layout.md; 0: it never does. */
export function copyAheadFrom({ env }: { readonly env: Env }): number {
  const word = env[VARIABLE] ?? "";
  if (/^[1-9]\d{0,8}$/.test(word)) return Number(word);
  return word === "" ? LARGE_TREE : 0;
}

export function isLargeTree(files: number, context: { readonly env: Env }): boolean {
  return files >= (copyAheadFrom(context) || LARGE_TREE);
}
