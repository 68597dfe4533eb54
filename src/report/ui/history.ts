import { formatDuration } from "../../config/duration.ts";
import type { TestTotals } from "../../runs/history/attempts.ts";
import type { JobStatistics } from "../../runs/history/statistics.ts";
import type { HistorySummary, JobDetail } from "../../runs/history/summary.ts";
import { basisWords, flakyWords, passedWords, testName, usualWords } from "../history/words.ts";
import { text } from "../html/text.ts";
import { marks, timesChart } from "./charts.ts";
import { when } from "./run-list.ts";

/** More rows of tests are not shown. */
const LISTED = 100;
const RUNS = 30;

/** Every job in a line, and the tests that failed. */
export function historyBody(base: string, { runs, looked_at, jobs, failing_tests }: HistorySummary): string {
  const rows = jobs.map((job) => jobRow(base, job));
  const table =
    rows.length === 0
      ? "<p>No runs of this account yet.</p>"
      : `<table><thead><tr><th>job</th><th>passed</th><th>flaky</th><th>last</th><th>usual</th><th>latest, newest right</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
  return `<h1>History</h1>${basis(runs, looked_at)}${table}${testsSection(failing_tests, base)}`;
}

function basis(...about: Parameters<typeof basisWords>): string {
  return `<p class="dim">${basisWords(...about)
    .map(text)
    .join("<br>")}</p>`;
}

function jobRow(base: string, job: JobStatistics): string {
  const { speed } = job;
  const last = speed === null ? "–" : formatDuration(speed.last_ms);
  const slower = speed?.slower ? ' <span class="badge warn">slower</span>' : "";
  const flaky = flakyWords(job);
  return `<tr><td class="t"><a href="${text(jobHref(base, job.job))}">${text(job.job)}</a></td><td><span class="label">passed </span>${passedWords(job)}</td><td>${flaky === "" ? '<span class="wide-only">–</span>' : `<span class="badge warn">flaky</span> ${flaky}`}</td><td><span class="label">last </span>${last}${slower}</td><td><span class="label">usual </span>${text(usualWords(speed))}</td><td>${marks(job.attempts)}</td></tr>`;
}

function jobHref(base: string, job: string): string {
  return `${base}history/${encodeURIComponent(job)}/`;
}

function testsSection(tests: readonly TestTotals[], base: string | null): string {
  if (tests.length === 0) return "";
  const rows = tests.slice(0, LISTED).map((test) => {
    const job =
      base === null ? "" : `<td><a href="${text(jobHref(base, test.job))}">${text(test.job)}</a></td>`;
    const flaky =
      test.flaky_inputs > 0
        ? `<span class="badge warn">flaky</span> ${test.flaky_inputs} input${test.flaky_inputs === 1 ? "" : "s"}`
        : "";
    return `<tr>${job}<td class="t">${text(testName(test))}</td><td>${test.failed} of ${test.failed + test.passed} failed</td><td>${flaky}</td></tr>`;
  });
  const head = `${base === null ? "" : "<th>job</th>"}<th>test</th><th>failed</th><th></th>`;
  return `<section><h2>Tests that failed</h2><table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table>${more(tests.length, "tests")}</section>`;
}

/** One job at length. */
export function jobHistoryBody(base: string, detail: JobDetail): string {
  const { job, failing_tests, runs, looked_at } = detail;
  const { speed } = job;
  const facts: readonly (readonly [string, string])[] = [
    ["passed", passedWords(job)],
    ["cached", String(job.cached)],
    ["no verdict about the tree", String(job.unjudged)],
    [
      "last",
      speed === null ? "–" : `${formatDuration(speed.last_ms)}${speed.slower ? ", slower than usual" : ""}`,
    ],
    ["usual", usualWords(speed)],
  ];
  const list = facts.map(([name, value]) => `<dt>${name}</dt><dd>${text(value)}</dd>`).join("");
  return `<h1>${text(job.job)}</h1><dl>${list}</dl>${basis(runs, looked_at)}
<section><h2>Times</h2>${job.attempts.length === 0 ? "<p>No run of it has judged the tree.</p>" : timesChart(job.attempts, speed?.median_ms ?? null)}</section>
${flakySection(base, job)}${testsSection(failing_tests, null)}${slowSection(detail)}${latestSection(base, job)}`;
}

function flakySection(base: string, job: JobStatistics): string {
  if (flakyWords(job) === "") return "";
  const rows = job.flaky_inputs.slice(0, LISTED).map(({ failed, passed }) => {
    const link = (id: string) => `<a href="${text(`${base}runs/${id}/`)}">${when(id)}</a>`;
    const [one, other] = failed < passed ? [failed, passed] : [passed, failed];
    const compare = text(`${base}compare/?${new URLSearchParams({ before: one, after: other })}`);
    return `<tr><td><span class="label">failed </span>${link(failed)}</td><td><span class="label">passed </span>${link(passed)}</td><td><a href="${compare}">compare</a></td></tr>`;
  });
  const verdicts =
    job.flaky === 0
      ? ""
      : `<p>The verdict was <span class="v flaky">flaky</span> ${job.flaky} time${job.flaky === 1 ? "" : "s"}.</p>`;
  const table = `<p>The same input failed and passed:</p><table class="compact"><thead><tr><th>failed</th><th>passed</th><th></th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
  return `<section><h2>Flaky</h2>${verdicts}${rows.length === 0 ? "" : table}${more(job.flaky_inputs.length, "inputs")}</section>`;
}

function slowSection({ slower_tests }: JobDetail): string {
  if (slower_tests.length === 0) return "";
  const rows = slower_tests
    .slice(0, LISTED)
    .map(
      (test) =>
        `<tr><td class="t">${text(testName(test))}</td><td><span class="label">last </span>${formatDuration(test.last_ms)}</td><td><span class="label">usual </span>${formatDuration(test.median_ms ?? 0)}</td></tr>`,
    );
  return `<section><h2>Tests slower than usual</h2><table><thead><tr><th>test</th><th>last</th><th>usual</th></tr></thead><tbody>${rows.join("")}</tbody></table>${more(slower_tests.length, "tests")}</section>`;
}

function latestSection(base: string, { attempts }: JobStatistics): string {
  const rows = attempts
    .slice(0, RUNS)
    .map(
      ({ run_id, status, ms, git_head }) =>
        `<tr><td class="v ${text(status)}">${text(status)}</td><td><a href="${text(`${base}runs/${run_id}/`)}">${when(run_id)}</a></td><td class="n">${ms === null ? "" : formatDuration(ms)}</td><td>${git_head === null ? "" : `<code>${text(git_head.slice(0, 8))}</code>`}</td></tr>`,
    );
  return rows.length === 0
    ? ""
    : `<section><h2>Latest runs</h2><table class="compact"><thead><tr><th>verdict</th><th>started (UTC)</th><th>took</th><th>commit</th></tr></thead><tbody>${rows.join("")}</tbody></table></section>`;
}

function more(all: number, noun: string): string {
  return all > LISTED
    ? `<p class="dim">and ${all - LISTED} more ${noun}; <code>pikaci history --json</code> has all</p>`
    : "";
}
