import { formatDuration } from "../../config/duration.ts";
import type { JobName } from "../../ids.ts";
import type { RunRecord } from "../../model.ts";
import { runDuration } from "../format.ts";
import { escapeHtml } from "../html/escape.ts";
import { sanitise } from "../sanitise.ts";

const SIGNS: Readonly<Record<string, string>> = { passed: "✅", cached: "✅", skipped: "⚪" };

/** A run as a page of Markdown for `GITHUB_STEP_SUMMARY`; what is not pikaci's own stands in HTML, escaped. */
export function stepSummary(record: RunRecord, tails: ReadonlyMap<JobName, readonly string[]>): string {
  const took = runDuration(record);
  const rows = record.jobs.map(({ job, result }) => {
    const status = result?.status ?? "infra";
    const time = result?.duration_ms == null ? "" : formatDuration(result.duration_ms);
    return `<tr><td>${SIGNS[status] ?? "❌"} ${status}</td><td><code>${text(job)}</code></td><td>${time}</td><td>${text(result?.message ?? "")}</td></tr>`;
  });
  const error = record.error === null ? [] : ["", `<p>${text(record.error.message)}</p>`];
  const logs = [...tails].map(
    ([job, lines]) =>
      `\n<details><summary>the end of the log of <code>${text(job)}</code></summary>\n\n<pre>${lines.map(text).join("\n")}</pre>\n\n</details>`,
  );
  return [
    `### pikaci: ${record.status ?? record.state}${took === null ? "" : ` in ${formatDuration(took)}`}`,
    "",
    `<table><tr><th>verdict</th><th>job</th><th>time</th><th></th></tr>${rows.join("")}</table>`,
    ...error,
    ...logs,
    "",
    `<p>run <code>${record.run_id}</code> on <code>${text(record.host)}</code></p>`,
    "",
    "",
  ].join("\n");
}

function text(untrusted: string): string {
  return escapeHtml(sanitise(untrusted));
}
