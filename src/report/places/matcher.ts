import type { Naming } from "./named-files.ts";

/**
 * How one tool says where something is wrong. Its expressions are for sanitised lines and have named groups, each of
 * which may be missing: `file`, `line`, `level`, `message`, and `package`, a file's directory with dots for slashes.
 */
export interface Matcher {
  readonly tool: string;
  /** The first line of a report. */
  readonly begins: RegExp;
  /** The lines after it, in this order; without them, it is no report. */
  readonly next?: readonly RegExp[];
  /** Lines that belong to it after those. */
  readonly goesOn?: readonly RegExp[];
  /** A line that belongs to it, and after which it is over. */
  readonly ends?: RegExp;
  /** Of its places inside the workspace, the one that counts; `each`: one for each message. Without it, the first. */
  readonly counts?: "first" | "last" | "each";
  /** What of its messages is said; without it, the first. */
  readonly says?: "first" | "all";
  /** A line above it that has its message, and how far above it may be. */
  readonly heading?: { readonly line: RegExp; readonly within: number };
  /** Without it, relative. */
  readonly naming?: Naming;
}
