import { createHash } from "node:crypto";
import type { RunRecord } from "../../core/run-record.ts";
import { criticalPath } from "../../runs/critical-path.ts";
import { formatAccount, formatCriticalPath } from "../waterfall.ts";
import { logSection } from "./logs.ts";
import { NARROW, planList, planSvg, WIDE, waterfallSvg } from "./pictures.ts";
import type { RunReport } from "./run-report.ts";
import { script } from "./script.ts";
import { artifactSection, comparisonSection, environmentSection } from "./sections.ts";
import { style } from "./style.ts";
import { summarySection } from "./summary.ts";
import { text } from "./text.ts";

function notes(lines: readonly string[]): string {
  return lines.map((line) => `<p class="note">${text(line)}</p>`).join("");
}

/** All that a report shows of a run but its logs, as HTML; sections without content are left out. */
export function runSections(report: RunReport): string[] {
  const { timing, plan } = report;
  const critical = timing === null || plan === null ? [] : criticalPath(timing, plan);
  const sections = [
    summarySection(report),
    timing === null
      ? ""
      : section(
          "Timeline",
          waterfallSvg(timing, WIDE, critical) +
            waterfallSvg(timing, NARROW, critical) +
            notes([formatAccount(timing), ...formatCriticalPath(critical)]),
        ),
    plan === null || plan.nodes.length === 0 ? "" : section("Plan", planSvg(plan) + planList(plan)),
    comparisonSection(report),
    environmentSection(report),
    artifactSection(report),
  ];
  return sections.filter((part) => part !== "");
}

/** A run as one file that needs no other and no network; nothing in it but pikaci's own script may run. */
export function reportPage(report: RunReport): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(titleOf(report.record))}</title>
<style>${style}</style>
</head>
<body>
<main>
${[...runSections(report), logSection(report)].join("\n")}
</main>
<script>${script}</script>
</body>
</html>
`;
}

/** A run in a title: its verdict first. */
export function titleOf({ status, state, run_id, target }: RunRecord): string {
  return `${status ?? state}: ${target ?? "jobs"} · ${run_id}`;
}

function section(title: string, body: string): string {
  return `<section><h2>${title}</h2>${body}</section>`;
}

/** The hashes of the only style sheet and the only script; everything else is forbidden. */
function policy(): string {
  const hash = (content: string) => `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
  return `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`;
}
