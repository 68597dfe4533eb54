import { formatDuration } from "../../config/duration.ts";
import type { JobResult } from "../../core/job-result.ts";
import type { JobRecord, RunRecord } from "../../core/run-record.ts";
import type { SourceInfo } from "../../core/snapshot.ts";
import { mergedJobs } from "../../runs/merge-shards.ts";
import { errorLines, FOREIGN, formatBytes, plural, runDuration } from "../format.ts";
import { ansiToHtml } from "./ansi.ts";
import type { ReportLog, RunReport } from "./run-report.ts";
import { anchor, text } from "./text.ts";

/** The verdict, what ran where, and each job's verdict. */
export function summarySection({ record, foreign, logs }: RunReport): string {
  const status = record.status ?? record.state;
  return `<header><h1><span class="v ${status}">${status}</span> ${text(record.target ?? "jobs by name")} on ${text(record.host)}</h1>
<dl>${facts(record)
    .map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`)
    .join("")}</dl></header>
${foreign ? `<p class="error">foreign: ${FOREIGN}</p>\n` : ""}${record.error === null ? "" : `<p class="error">${errorLines(record.error).map(text).join("\n")}</p>`}
${failureSection(record, logs)}
<section><h2>Jobs</h2><table><tr><th>verdict</th><th>job</th><th>time</th><th></th></tr>${failedFirst(
    mergedJobs(record.jobs).map((one) => one.record),
  )
    .map((job) => jobRow(job, logs))
    .join("")}</table></section>`;
}

const BAD: readonly (string | undefined)[] = ["failed", "timeout", "infra"];

function isBad({ result }: JobRecord): boolean {
  return BAD.includes(result?.status);
}

function failedFirst(jobs: readonly JobRecord[]): JobRecord[] {
  return [...jobs.filter(isBad), ...jobs.filter((job) => !isBad(job))];
}

/** Lines of a failed job's log that are seen without a click. */
const LAST_LINES = 12;

/** What a reader came for: each job that did not pass, with the end of what it said. */
function failureSection({ jobs }: RunRecord, logs: readonly ReportLog[]): string {
  const failures = jobs.filter(isBad).map((job) => failure(job, logs));
  return failures.length === 0 ? "" : `<section><h2>What failed</h2>${failures.join("")}</section>`;
}

function failure({ job, result, hint }: JobRecord, logs: readonly ReportLog[]): string {
  const log = [anchor("log", job), anchor("host", job)].flatMap((id) =>
    logs.filter((one) => one.id === id),
  )[0];
  const lines = log === undefined ? [] : ansiToHtml(log.text).slice(-LAST_LINES);
  const said = [result?.message ?? "", ...(hint === undefined ? [] : [`hint: ${hint}`])]
    .map(text)
    .join("<br>");
  const name = log === undefined ? text(job) : `<a href="#${text(log.id)}">${text(job)}</a>`;
  const end = lines.map((line) => `<span>${line}</span>`).join("");
  return `<h3><span class="v ${result?.status}">${result?.status}</span> ${name}</h3><p>${said}</p>${end === "" ? "" : `<pre class="last">${end}</pre>`}`;
}

function facts(record: RunRecord): (readonly [string, string])[] {
  const took = runDuration(record);
  const { snapshot } = record;
  return [
    ["run", `<code>${text(record.run_id)}</code>`],
    ["started", text(record.created_at)],
    ...(took === null ? [] : [["took", formatDuration(took)] as const]),
    ...(record.exit_code === null ? [] : [["exit code", String(record.exit_code)] as const]),
    ...(snapshot === null
      ? []
      : [
          ["content hash", `<code>${text(snapshot.content_hash)}</code>`] as const,
          [
            "snapshot",
            `${plural(snapshot.file_count, "file")}, ${formatBytes(snapshot.byte_count)}, ${snapshot.outcome ?? "not published"}, ${formatBytes(snapshot.bytes_sent)} sent`,
          ] as const,
        ]),
    ...(snapshot === null ? [] : commitFacts(snapshot.source)),
  ];
}

function commitFacts({
  git_head,
  git_dirty,
  git_branch,
  git_subject,
}: SourceInfo): (readonly [string, string])[] {
  if (git_head === null) return [];
  const subject = git_subject === null ? "" : `<br>${text(git_subject)}`;
  const commit = `<code>${text(git_head)}</code>${git_dirty ? " and uncommitted changes" : ""}${subject}`;
  return [...(git_branch === null ? [] : [["branch", text(git_branch)] as const]), ["commit", commit]];
}

/** How each attempt ended, where there was more than one. */
function attemptsText({ attempts = [] }: Pick<JobResult, "attempts">): string {
  const each = attempts.map(({ status, message, duration_ms }) => {
    const took = duration_ms === null ? "" : ` in ${formatDuration(duration_ms)}`;
    return `<li><span class="v ${status}">${status}</span>${took}: ${text(message)}</li>`;
  });
  return each.length === 0 ? "" : `<ol class="attempts">${each.join("")}</ol>`;
}

function jobRow({ job, result, state, hint }: JobRecord, logs: readonly ReportLog[]): string {
  const hasLog = logs.some(({ id }) => id === anchor("log", job));
  const status = result?.status ?? state;
  const took = result?.duration_ms == null ? "" : formatDuration(result.duration_ms);
  const more = hint === undefined ? "" : `<br>${text(`hint: ${hint}`)}`;
  const name = hasLog ? `<a href="#${anchor("log", job)}">${text(job)}</a>` : text(job);
  return `<tr><td class="v ${status}">${status}</td><td>${name}</td><td class="n">${took}</td><td class="t">${text(result?.message ?? "")}${more}${attemptsText(result ?? {})}</td></tr>`;
}
