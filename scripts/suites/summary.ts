import type { LeftOut } from "./suite.ts";
import type { Verdict } from "./verdict.ts";

export interface Summary {
  /** The last one is `N passed, N failed`, with `, N skipped` when there are any. */
  readonly lines: readonly string[];
  readonly ok: boolean;
}

/** The end of the report. A failed check counts as one failure, a suite left out as one skipped. */
export function summarize(
  verdicts: readonly Verdict[],
  failedChecks: readonly string[],
  leftOut: readonly LeftOut[],
  flaky: readonly string[] = [],
): Summary {
  const sum = (key: "passed" | "failed" | "skipped") => verdicts.reduce((total, one) => total + one[key], 0);
  const fatal = leftOut.filter((one) => one.fatal);
  const failed = sum("failed") + failedChecks.length + fatal.length;
  const skipped = sum("skipped") + leftOut.length - fatal.length;
  const counts = [
    `${sum("passed")} passed`,
    `${failed} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  const lines = [
    ...flaky.map((file) => `flaky: ${file} failed, then passed when it ran alone`),
    ...failedChecks.map((check) => `failed: ${check}`),
    ...leftOut.map(({ file, why, fatal }) => `left out${fatal ? ", a failure in CI" : ""}: ${file} (${why})`),
    counts.join(", "),
  ];
  return { lines, ok: failed === 0 };
}

export interface Seconds {
  readonly passed: number;
  /** Of processor time, where it was counted. */
  readonly used?: number | undefined;
}

/** One line about one file. */
export function describe(file: string, verdict: Verdict, seconds: Seconds): string {
  const { passed, failed, skipped } = verdict;
  const counts = [`${passed} passed`, ...(failed > 0 ? [`${failed} failed`] : [])];
  if (skipped > 0) counts.push(`${skipped} skipped`);
  const work = seconds.used === undefined ? "" : `, ${seconds.used.toFixed(1)} s of processor time`;
  return `${failed > 0 ? "FAIL" : "ok  "} ${file}: ${counts.join(", ")} in ${seconds.passed.toFixed(1)} s${work}`;
}
