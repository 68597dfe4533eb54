import { formatDuration } from "../../config/duration.ts";
import type { RunCounts, TestTotals } from "../../runs/history/attempts.ts";
import type { JobStatistics, Speed } from "../../runs/history/statistics.ts";
import { plural } from "../format.ts";
import { sanitise } from "../sanitise.ts";

/** A share of fewer runs than this is not a rate. */
const FEWEST_FOR_RATE = 10;

/** `33 of 34 (97 %)`; without the share where there were few runs. */
export function passedWords({ passed, judged }: Pick<JobStatistics, "passed" | "judged">): string {
  if (judged === 0) return "–";
  const share = judged < FEWEST_FOR_RATE ? "" : ` (${percent(passed, judged)})`;
  return `${passed} of ${judged}${share}`;
}

/** Rounded, but 100 % is all and 0 % is none. */
function percent(part: number, all: number): string {
  const rounded = Math.round((part / all) * 100);
  const shown = part === all ? 100 : part === 0 ? 0 : Math.min(99, Math.max(1, rounded));
  return `${shown} %`;
}

/** `1 input, 2 verdicts`; empty for a job that is not flaky as far as is known. */
export function flakyWords({ flaky_inputs, flaky }: JobStatistics): string {
  return [
    ...(flaky_inputs.length > 0 ? [plural(flaky_inputs.length, "input")] : []),
    ...(flaky > 0 ? [plural(flaky, "verdict")] : []),
  ].join(", ");
}

/** What is usual: a median, or how few runs there are. */
export function usualWords(speed: Speed | null): string {
  if (speed === null) return "–";
  if (speed.median_ms !== null) return formatDuration(speed.median_ms);
  return `? (${speed.compared_runs === 0 ? "no" : speed.compared_runs} earlier)`;
}

/** `suite › name`, in one line and without escapes. */
export function testName({ suite, name }: Pick<TestTotals, "suite" | "name">): string {
  return sanitise(suite === "" ? name : `${suite} › ${name}`).replaceAll("\n", " ");
}

/** What these figures are of, and what they are not of. */
export function basisWords({ own, foreign, broken }: RunCounts, lookedAt: number): string[] {
  const left = [
    ...(foreign > 0 ? [`${plural(foreign, "run")} that this account has not recorded`] : []),
    ...(broken > 0 ? [`${plural(broken, "run")} whose record is broken`] : []),
  ];
  const of = lookedAt < own ? `the newest ${lookedAt} of ${plural(own, "run")}` : plural(own, "run");
  return [
    `of ${of}; jobs that were cached, skipped, cancelled or infra are not counted`,
    ...(own < FEWEST_FOR_RATE ? ["these are few runs: a job that looks sound may still be flaky"] : []),
    ...(left.length > 0 ? [`left out: ${left.join(", ")}`] : []),
  ];
}
