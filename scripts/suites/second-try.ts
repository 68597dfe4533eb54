import type { Suite } from "./suite.ts";
import type { Verdict } from "./verdict.ts";

export interface Judged {
  readonly suite: Suite;
  readonly verdict: Verdict;
}

/** Suites that fail by an accident of a shared machine are few. */
const MOST = 3;

/** What runs once more: in CI, each suite that failed, unless so many did that it is no accident. */
export function suitesToRepeat(judged: readonly Judged[], ci: boolean): readonly Suite[] {
  const failed = judged.filter(({ verdict }) => verdict.failed > 0);
  return ci && failed.length <= MOST ? failed.map(({ suite }) => suite) : [];
}

/** The last word on each suite, and the files that failed first and then passed. */
export function settle(
  first: readonly Judged[],
  second: readonly Judged[],
): { readonly verdicts: readonly Verdict[]; readonly flaky: readonly string[] } {
  const again = new Map(second.map(({ suite, verdict }) => [suite.file, verdict]));
  return {
    verdicts: first.map(({ suite, verdict }) => again.get(suite.file) ?? verdict),
    flaky: second.filter(({ verdict }) => verdict.failed === 0).map(({ suite }) => suite.file),
  };
}
