import type { BytePath } from "../core/byte-path.ts";
import type { SnapshotFilters } from "../core/snapshot.ts";
import { globMatcher } from "./globs.ts";

/** The rules that leave existing paths out of a snapshot; `LeftOut.rule` is one of these texts. */
export const rules = {
  own: "`.git` and `.pikaci` are never taken",
  kept: "what pikaci keeps for this account is never taken",
  ignored: "ignored by git",
  nested: "nested git repository",
  uninitialised: "submodule that is not initialised",
  notIncluded: "not in snapshot.include",
  excluded: (glob: string) => `snapshot.exclude: ${glob}`,
} as const;

/** Returns the rule that leaves a path out; null when the path counts. */
export type Rule = (path: BytePath) => string | null;

/** Applies the project's filters, and leaves out what belongs to pikaci or git. */
export function filterRule(filters: SnapshotFilters): Rule {
  const excluded = excludeRule(filters);
  const included = globMatcher(filters.include);
  return (path) => {
    const rule = excluded(path);
    if (rule !== null || filters.include.length === 0) return rule;
    return included(path) === null ? rules.notIncluded : null;
  };
}

/** Whether a path is, or is inside, a `.git` or `.pikaci`. */
export function isOwn(path: BytePath): boolean {
  return (path.includes(".git") || path.includes(".pikaci")) && /(^|\/)\.(git|pikaci)(\/|$)/.test(path);
}

/** The part of `filterRule` which, if it leaves out a directory, leaves out everything below it. */
export function excludeRule(filters: SnapshotFilters): Rule {
  const matches = globMatcher(filters.exclude);
  return (path) => {
    if (isOwn(path)) return rules.own;
    const glob = matches(path);
    return glob === null ? null : rules.excluded(glob);
  };
}
