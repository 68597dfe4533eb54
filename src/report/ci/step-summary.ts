import { formatDuration } from "../../config/duration.ts";
import type { JobName } from "../../core/ids.ts";
import type { JobRecord, RunRecord } from "../../core/run-record.ts";
import { mergedJobs } from "../../runs/merge-shards.ts";
import { posixQuote } from "../../system/quote.ts";
import { errorLines, plural, runDuration } from "../format.ts";
import { escapeHtml } from "../html/escape.ts";
import { sanitise } from "../sanitise.ts";

/** GitHub takes a MiB from a step, in which more than one run may be: half of it is for the logs, a quarter for verdicts. */
const LOG_BYTES = 256 * 1024;
const TABLE_BYTES = 128 * 1024;
const MESSAGE_CHARACTERS = 1000;
const ERROR_CHARACTERS = 10_000;
const SIGNS: Readonly<Record<string, string>> = {
  passed: "✅",
  cached: "✅",
  flaky: "⚠️",
  skipped: "⚪",
};

/**
 * A run as a page of Markdown for `GITHUB_STEP_SUMMARY`, of a bounded size; what is not pikaci's own stands in HTML,
 * escaped, and has no blank line outside of `<pre>`: after one, it would be Markdown again.
 */
export function stepSummary(record: RunRecord, tails: ReadonlyMap<JobName, readonly string[]>): string {
  const took = runDuration(record);
  const rows = fitting(
    mergedJobs(record.jobs).map((one) => row(one.record)),
    TABLE_BYTES,
  );
  const moreRows = rows.left === 0 ? "" : `<tr><td colspan="4">${plural(rows.left, "more job")}</td></tr>`;
  const flaky = record.jobs.filter(({ result }) => result?.status === "flaky").length;
  const counted = flaky === 0 || record.jobs.length === 1 ? "" : `, ${plural(flaky, "flaky job")}`;
  const error = record.error === null ? [] : ["", errorText(record.error)];
  return [
    `### pikaci: ${record.status ?? record.state}${took === null ? "" : ` in ${formatDuration(took)}`}${counted}`,
    "",
    `<table><tr><th>verdict</th><th>job</th><th>time</th><th></th></tr>${rows.parts.join("")}${moreRows}</table>`,
    ...error,
    ...logsOf(tails),
    "",
    `<p>run <code>${record.run_id}</code> on <code>${text(record.host)}</code></p>`,
    "",
    "",
  ].join("\n");
}

function row({ job, result }: JobRecord): string {
  const status = result?.status ?? "infra";
  const time = result?.duration_ms == null ? "" : formatDuration(result.duration_ms);
  const message = text(cut(result?.message ?? "", MESSAGE_CHARACTERS)).replaceAll("\n", "<br>");
  return `<tr><td>${SIGNS[status] ?? "❌"} ${status}</td><td><code>${text(job)}</code></td><td>${time}</td><td>${message}</td></tr>`;
}

function errorText(error: NonNullable<RunRecord["error"]>): string {
  return `<pre>${text(cut(errorLines(error).join("\n"), ERROR_CHARACTERS))}</pre>`;
}

function logsOf(tails: ReadonlyMap<JobName, readonly string[]>): string[] {
  const share = LOG_BYTES / Math.max(1, tails.size);
  const all = [...tails].map(([job, lines]) => logText(job, lines, share));
  const shown = fitting(all, LOG_BYTES + share);
  return shown.left === 0
    ? shown.parts
    : [...shown.parts, `\n<p>the logs of ${plural(shown.left, "more job")} are left out</p>`];
}

/** The last lines, as many as fit; the rest is counted. */
function logText(job: JobName, lines: readonly string[], bytes: number): string {
  const last = fitting(lines.map((line) => `${text(line)}\n`).reverse(), bytes);
  const before =
    last.left === 0 ? "" : `… ${plural(last.left, "line")} before: pikaci logs --job ${posixQuote(job)}\n`;
  const shown = `${before}${last.parts.reverse().join("")}`.trimEnd();
  return `\n<details><summary>the end of the log of <code>${text(job)}</code></summary>\n\n<pre>${shown}</pre>\n\n</details>`;
}

/** As many of the parts, from the first on, as have room together, and how many have not. */
function fitting(
  parts: readonly string[],
  bytes: number,
): { readonly parts: string[]; readonly left: number } {
  let room = bytes;
  const fits = (part: string) => {
    room -= Buffer.byteLength(part) + 1;
    return room >= 0;
  };
  const end = parts.findIndex((part) => !fits(part));
  const shown = end === -1 ? [...parts] : parts.slice(0, end);
  return { parts: shown, left: parts.length - shown.length };
}

function cut(untrusted: string, characters: number): string {
  return untrusted.length <= characters ? untrusted : `${untrusted.slice(0, characters)}…`;
}

function text(untrusted: string): string {
  return escapeHtml(sanitise(untrusted));
}
