import { stripVTControlCharacters } from "node:util";

/** How the process of one test file ended. */
export interface Ending {
  readonly output: string;
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** Command lines of processes that it left behind. */
  readonly leftBehind: readonly string[];
  readonly seconds: number;
}

export interface Verdict {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What is wrong beyond single tests; each counts as one failure. */
  readonly problems: readonly string[];
}

const TOTALS = /^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm;

/** Judges a uvu file by what it printed as well as by its exit code, because uvu exits 0 too easily. */
export function judge(ending: Ending): Verdict {
  const found = [...stripVTControlCharacters(ending.output).matchAll(TOTALS)];
  const sum = (group: number) => found.reduce((total, match) => total + Number(match[group]), 0);
  const [total, passed, skipped] = [sum(1), sum(2), sum(3)];
  const failedTests = total - passed;
  const problems = findProblems(ending, { finished: found.length > 0, total, skipped, failedTests });
  return { passed, skipped, failed: failedTests + problems.length, problems };
}

function findProblems(
  { exitCode, timedOut, leftBehind, seconds }: Ending,
  counted: { finished: boolean; total: number; skipped: number; failedTests: number },
): string[] {
  const left = leftBehind.map((args) => `left a process behind: ${args}`);
  const after = counted.finished
    ? "after its tests: something holds it open"
    : "before its tests were through";
  if (timedOut) return [`killed at its time limit, ${Math.round(seconds)} s, ${after}`, ...left];
  if (!counted.finished) {
    const how = exitCode === null ? "a signal ended it" : `exit ${exitCode}`;
    return [`no uvu total (${how}): a forgotten .run(), a crash or an unhandled rejection`, ...left];
  }
  if (counted.total + counted.skipped === 0) return ["no tests in it", ...left];
  if (exitCode !== 0 && counted.failedTests === 0) {
    return [`exit ${exitCode} although its tests passed: an unhandled rejection or a failing hook`, ...left];
  }
  return left;
}
