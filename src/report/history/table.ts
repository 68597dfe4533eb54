import stringWidth from "string-width";
import { formatDuration } from "../../config/duration.ts";
import type { Attempt } from "../../runs/history/attempts.ts";
import type { JobStatistics } from "../../runs/history/statistics.ts";
import type { HistorySummary, JobDetail } from "../../runs/history/summary.ts";
import { plural } from "../format.ts";
import type { Paint, Style } from "../style.ts";
import { basisWords, flakyWords, passedWords, testName, usualWords } from "./words.ts";

/** So many of the latest verdicts are drawn, and so many tests are listed. */
const MARKS = 12;
const LISTED = 20;

interface Cell {
  readonly text: string;
  readonly style?: Style;
}

/** Every job in a line. */
export function formatHistory({ runs, looked_at, jobs, failing_tests }: HistorySummary, paint: Paint) {
  const head = ["job", "passed", "flaky", "last", "usual", "latest, newest right"];
  const rows = jobs.map((job) => jobCells(job));
  const lines = table([head.map((text): Cell => ({ text, style: "dim" })), ...rows], paint);
  const marked = lines.map((line, index) => {
    const job = jobs[index - 1];
    return job === undefined ? line : `${line}${marks(job.attempts, paint)}`;
  });
  const flaky = failing_tests.filter(({ flaky_inputs }) => flaky_inputs > 0);
  return [
    ...marked,
    ...(flaky.length === 0 ? [] : ["", "flaky tests", ...testLines(flaky, "with job")]),
    "",
    ...basisWords(runs, looked_at).map((words) => paint("dim", words)),
  ];
}

function jobCells(job: JobStatistics): Cell[] {
  const { speed } = job;
  const last = speed === null ? "–" : `${formatDuration(speed.last_ms)}${speed.slower ? " slower" : ""}`;
  const flaky = flakyWords(job);
  return [
    { text: job.job },
    { text: passedWords(job) },
    flaky === "" ? { text: "–" } : { text: flaky, style: "yellow" },
    speed?.slower ? { text: last, style: "yellow" } : { text: last },
    { text: usualWords(speed) },
    { text: "" },
  ];
}

/** Columns two spaces apart; the last one is open. */
function table(rows: readonly (readonly Cell[])[], paint: Paint): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => stringWidth(row[at]?.text ?? ""))),
  );
  return rows.map((row) =>
    row
      .map(({ text, style }, at) => {
        const room = at === row.length - 1 ? 0 : (widths[at] ?? 0) + 2 - stringWidth(text);
        return (style === undefined ? text : paint(style, text)) + " ".repeat(Math.max(0, room));
      })
      .join(""),
  );
}

const MARK: Readonly<Record<string, readonly [string, Style]>> = {
  passed: ["✔", "green"],
  flaky: ["↻", "yellow"],
  failed: ["✘", "red"],
  timeout: ["✘", "yellow"],
};

function marks(attempts: readonly Attempt[], paint: Paint): string {
  return attempts
    .slice(0, MARKS)
    .toReversed()
    .map(({ status }) => {
      const [sign, style] = MARK[status] ?? ["?", "dim"];
      return paint(style, sign);
    })
    .join("");
}

/** One job at length. */
export function formatJobHistory(detail: JobDetail, paint: Paint): string[] {
  const { job, failing_tests, slower_tests, runs, looked_at } = detail;
  return [
    paint("bold", job.job),
    `  passed   ${passedWords(job)}${besides(job)}`,
    ...timeLines(job),
    ...flakyLines(job, paint),
    ...(job.attempts.length === 0 ? [] : ["", "latest runs", ...attemptLines(job.attempts, paint)]),
    ...(failing_tests.length === 0 ? [] : ["", "tests that failed", ...testLines(failing_tests)]),
    ...(slower_tests.length === 0 ? [] : ["", "tests slower than usual", ...slowLines(detail)]),
    "",
    ...basisWords(runs, looked_at).map((words) => paint("dim", words)),
  ];
}

function besides({ cached, unjudged }: JobStatistics): string {
  const parts = [
    ...(cached > 0 ? [`cached ${cached}`] : []),
    ...(unjudged > 0 ? [`without a verdict about the tree ${unjudged}`] : []),
  ];
  return parts.length === 0 ? "" : `; ${parts.join(", ")}`;
}

function timeLines({ speed }: JobStatistics): string[] {
  if (speed === null) return [];
  const last = formatDuration(speed.last_ms);
  if (speed.median_ms === null)
    return [
      `  time     ${last}; what is usual cannot be said of ${plural(speed.compared_runs, "earlier run")}`,
    ];
  const usual = `usually ${formatDuration(speed.median_ms)}, the median of the ${speed.compared_runs} before it`;
  return [`  time     ${last}${speed.slower ? ", slower than usual" : ""}; ${usual}`];
}

function flakyLines(job: JobStatistics, paint: Paint): string[] {
  const words = flakyWords(job);
  if (words === "") return [];
  const shown = job.flaky_inputs.slice(0, LISTED);
  return [
    `  flaky    ${paint("yellow", words)}`,
    ...shown.map(
      ({ failed, passed }) => `           the same input failed in ${failed} and passed in ${passed}`,
    ),
    ...more(job.flaky_inputs.length, "input"),
  ];
}

function attemptLines(attempts: readonly Attempt[], paint: Paint): string[] {
  return attempts.slice(0, MARKS).map(({ run_id, status, ms, git_head }) => {
    const [sign, style] = MARK[status] ?? ["?", "dim"];
    const took = (ms === null ? "–" : formatDuration(ms)).padStart(10);
    return `  ${paint(style, `${sign} ${status.padEnd(8)}`)}${run_id}${took}  ${git_head?.slice(0, 12) ?? ""}`.trimEnd();
  });
}

function testLines(tests: HistorySummary["failing_tests"], which: "with job" | "of one job" = "of one job") {
  const lines = tests.slice(0, LISTED).map((test) => {
    const flaky = test.flaky_inputs > 0 ? `flaky on ${plural(test.flaky_inputs, "input")}, ` : "";
    const job = which === "with job" ? `${test.job}: ` : "";
    return `  ${job}${testName(test)}: ${flaky}failed ${test.failed} of ${test.failed + test.passed}`;
  });
  return [...lines, ...more(tests.length, "test")];
}

function slowLines({ slower_tests }: JobDetail): string[] {
  const lines = slower_tests.slice(0, LISTED).map((test) => {
    const { last_ms, median_ms } = test;
    return `  ${testName(test)}: ${formatDuration(last_ms)}, usually ${formatDuration(median_ms ?? 0)}`;
  });
  return [...lines, ...more(slower_tests.length, "test")];
}

function more(all: number, noun: string): string[] {
  return all > LISTED ? [`  … and ${plural(all - LISTED, noun)} more (--json has all)`] : [];
}
