import { formatDuration } from "../../config/duration.ts";
import type { JobChange } from "../../runs/compare.ts";
import { formatBytes } from "../format.ts";
import type { RunReport } from "./run-report.ts";
import { href, text } from "./text.ts";

/** What is otherwise than in the previous run of the same target. */
export function comparisonSection({ comparison }: Pick<RunReport, "comparison">): string {
  if (comparison === null) return "";
  const changed = comparison.jobs.filter(({ change }) => change !== "same");
  const jobs =
    changed.length === 0
      ? "<p>Every job ended as before, and took about as long.</p>"
      : `<table><tr><th>change</th><th>job</th><th>before</th><th>now</th></tr>${changed.map(changeRow).join("")}</table>`;
  const inputs = comparison.inputs.map(
    ({ what, before, after }) =>
      `<tr><td>${text(what)}</td><td class="t"><code>${text(before)}</code></td><td class="t"><code>${text(after)}</code></td></tr>`,
  );
  const table =
    inputs.length === 0
      ? "<p>Every input that pikaci knows of was the same.</p>"
      : `<table><tr><th>input</th><th>before</th><th>now</th></tr>${inputs.join("")}</table>`;
  return `<section><h2>Compared with <code>${text(comparison.before)}</code></h2>${jobs}${table}</section>`;
}

function changeRow({ job, change, before, after }: JobChange): string {
  const side = (one: JobChange["before"]) =>
    one === null
      ? "–"
      : `<span class="v ${one.status ?? ""}">${one.status ?? "?"}</span>${one.duration_ms === null ? "" : ` ${formatDuration(one.duration_ms)}`}`;
  return `<tr><td>${change}</td><td>${text(job)}</td><td>${side(before)}</td><td>${side(after)}</td></tr>`;
}

/** Hosts, versions and store paths. */
export function environmentSection({ record, timing, version }: RunReport): string {
  const host = timing?.host;
  const facts: readonly (readonly [string, string])[] = [
    ["pikaci", version],
    ["client", record.client.hostname],
    ["host", record.host],
    ...(host == null ? [] : [["Nix there", host.nixVersion] as const, ["work dir", host.workDir] as const]),
    ...record.jobs.flatMap(({ job, runner, prepared, workspace }) => [
      ...(runner === null ? [] : [[`${job}: runner`, `${runner.backend}, ${runner.store_path}`] as const]),
      ...(workspace === null ? [] : [[`${job}: workspace`, workspace] as const]),
      ...Object.entries(prepared).map(([name, path]) => [`${job}: ${name}`, path] as const),
    ]),
  ];
  const rows = facts.map(([name, value]) => `<dt>${text(name)}</dt><dd class="mono">${text(value)}</dd>`);
  return `<section><h2>Environment</h2><dl>${rows.join("")}</dl></section>`;
}

/** What jobs left in `/artifacts`, with links. */
export function artifactSection({ record, place }: RunReport): string {
  const rows = record.jobs.flatMap(({ job, artifacts, artifacts_left_out }) => [
    ...artifacts.flatMap(({ path, type, size }) =>
      type === "directory"
        ? []
        : [
            `<tr><td>${text(job)}</td><td class="t"><a href="${href(`${place}jobs/${job}/artifacts/${path}`)}">${text(path)}</a></td><td class="n">${type === "symlink" ? "a link" : formatBytes(size)}</td></tr>`,
          ],
    ),
    ...artifacts_left_out.map(
      (reason) => `<tr><td>${text(job)}</td><td class="t" colspan="2">left out: ${text(reason)}</td></tr>`,
    ),
  ]);
  if (rows.length === 0) return "";
  return `<section><h2>Artifacts</h2><table><tr><th>job</th><th>file</th><th>size</th></tr>${rows.join("")}</table></section>`;
}
