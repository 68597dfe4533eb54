import { formatDuration } from "../../config/duration.ts";
import type { JobRecord, RunRecord } from "../../core/run-record.ts";
import { errorLines, FOREIGN, formatBytes, plural, runDuration } from "../format.ts";
import type { RunReport } from "./run-report.ts";
import { text } from "./text.ts";

/** The verdict, what ran where, and each job's verdict. */
export function summarySection({ record, foreign, logs }: RunReport): string {
  const status = record.status ?? record.state;
  return `<header><h1><span class="v ${status}">${status}</span> ${text(record.target ?? "jobs by name")} on ${text(record.host)}</h1>
<dl>${facts(record)
    .map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`)
    .join("")}</dl></header>
${foreign ? `<p class="error">foreign: ${FOREIGN}</p>\n` : ""}${record.error === null ? "" : `<p class="error">${errorLines(record.error).map(text).join("\n")}</p>`}
<section><h2>Jobs</h2><div class="scroll"><table><tr><th>verdict</th><th>job</th><th>time</th><th></th></tr>${record.jobs
    .map((job) =>
      jobRow(
        job,
        logs.some(({ id }) => id === `log-${job.job}`),
      ),
    )
    .join("")}</table></div></section>`;
}

function facts(record: RunRecord): (readonly [string, string])[] {
  const took = runDuration(record);
  const { snapshot } = record;
  const git = snapshot?.source.git_head ?? null;
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
    ...(git === null
      ? []
      : [["git", `<code>${text(git)}</code>${snapshot?.source.git_dirty ? " and changes" : ""}`] as const]),
  ];
}

function jobRow({ job, result, state, hint }: JobRecord, hasLog: boolean): string {
  const status = result?.status ?? state;
  const took = result?.duration_ms == null ? "" : formatDuration(result.duration_ms);
  const more = hint === undefined ? "" : `<br>${text(`hint: ${hint}`)}`;
  const name = hasLog ? `<a href="#log-${text(job)}">${text(job)}</a>` : text(job);
  return `<tr><td class="v ${status}">${status}</td><td>${name}</td><td class="n">${took}</td><td class="t">${text(result?.message ?? "")}${more}</td></tr>`;
}
