import type { BytePath } from "../core/byte-path.ts";
import type { EntryType } from "../core/snapshot.ts";

/** The rule that decided about a path. */
export type ExplanationRule =
  | "tracked"
  | "untracked"
  | "outside-git"
  | "directory"
  | "outside-workspace"
  | "missing"
  | "deleted"
  | "sparse"
  | "below-symlink"
  | "own"
  | "ignored"
  | "excluded"
  | "not-included"
  | "nested-repository"
  | "submodule"
  | "empty-directory"
  | "special-file"
  | "guard";

/** Whether a path is in the snapshot, or would make it fail, and why. */
export interface Explanation {
  /** Relative to the workspace; as it was asked for when it lies outside. */
  readonly path: BytePath;
  readonly verdict: "in" | "out" | "refused";
  readonly rule: ExplanationRule;
  /** One sentence without the path. */
  readonly text: string;
  /** Null when nothing is there. */
  readonly type: EntryType | "special" | null;
  /** Bytes; 0 for a directory. */
  readonly size: number;
}

/** A line of an ignore file, as `git check-ignore -v` names it. */
export interface IgnorePattern {
  /** Relative to the repository, or absolute for the user's own. */
  readonly source: string;
  readonly line: number;
  readonly pattern: string;
}

/** Parses `git check-ignore -v -z`; null when no pattern matches, or when the last one that does includes the path again. */
export function parseIgnorePattern(output: string): IgnorePattern | null {
  const [source, line, pattern] = output.split("\0");
  if (source === undefined || source === "" || line === undefined || pattern === undefined) return null;
  return pattern.startsWith("!") ? null : { source, line: Number(line), pattern };
}

export function describePattern({ source, line, pattern }: IgnorePattern): string {
  return `\`${pattern}\` in ${source}, line ${line}`;
}
