import type { BytePath } from "../core/byte-path.ts";
import type { SnapshotFilters } from "../core/snapshot.ts";
import { globMatcher } from "./globs.ts";

/** The rules by which a path that exists stays out of a snapshot; `LeftOut.rule` is one of their texts. */
export const rules = {
  own: "`.git` and `.pikaci` are never taken",
  ignored: "ignored by git",
  nested: "nested git repository",
  uninitialised: "submodule that is not initialised",
  notIncluded: "not in snapshot.include",
  excluded: (glob: string) => `snapshot.exclude: ${glob}`,
} as const;

/** The rule that keeps a path out; null when it counts. */
export type Rule = (path: BytePath) => string | null;

/** The rule of the project's filters and of what is pikaci's or git's own. */
export function filterRule(filters: SnapshotFilters): Rule {
  const excluded = excludeRule(filters);
  const included = globMatcher(filters.include);
  return (path) => {
    const rule = excluded(path);
    if (rule !== null || filters.include.length === 0) return rule;
    return included(path) === null ? rules.notIncluded : null;
  };
}

/** Whether a path is, or lies in, a `.git` or `.pikaci`; the names alone are looked for first, which is faster. */
export function isOwn(path: BytePath): boolean {
  return (path.includes(".git") || path.includes(".pikaci")) && /(^|\/)\.(git|pikaci)(\/|$)/.test(path);
}

/** The part of `filterRule` that, when it holds for a directory, holds for everything below it. */
export function excludeRule(filters: SnapshotFilters): Rule {
  const matches = globMatcher(filters.exclude);
  return (path) => {
    if (isOwn(path)) return rules.own;
    const glob = matches(path);
    return glob === null ? null : rules.excluded(glob);
  };
}
