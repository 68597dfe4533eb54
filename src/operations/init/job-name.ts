import { CHECK_PREFIX } from "../../config/check-prefix.ts";

/** A job's name has 64 characters at most; some are left for a number. */
const LONGEST = 58;

/** What another tool calls a job, as a name that a job can have and that none of `taken` has, whatever the case of its letters. */
export function jobName(text: string, taken: readonly string[]): string {
  const clean = text
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, LONGEST)
    .replace(/-+$/, "");
  const isCheck = clean.startsWith(CHECK_PREFIX);
  const name = isCheck ? `check-${clean.slice(CHECK_PREFIX.length)}` : clean || "job";
  for (let number = 2, one = name; ; number += 1) {
    if (!isTaken(one, taken)) return one;
    one = `${name}-${number}`;
  }
}

/** Names of jobs become names of files, and some file systems ignore case. */
export function isTaken(name: string, names: readonly string[]): boolean {
  return names.some((other) => other.toLowerCase() === name.toLowerCase());
}
