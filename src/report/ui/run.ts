import type { RunRecord } from "../../core/run-record.ts";
import { runSections } from "../html/page.ts";
import type { RunReport } from "../html/run-report.ts";
import { text } from "../html/text.ts";
import { when } from "./run-list.ts";

/** A log that can be opened; its text is asked for when it is. */
export interface UiLog {
  readonly id: string;
  readonly title: string;
  /** Null: the run's own. */
  readonly job: string | null;
  readonly file: "guest" | "host";
  readonly open: boolean;
}

interface RunView {
  readonly base: string;
  readonly report: RunReport;
  readonly logs: readonly UiLog[];
  /** Other runs to compare with, newest first. */
  readonly others: readonly string[];
}

/** More buttons than these would hide the rest. */
const MOST_CANCELS = 8;

/** A run: what can be done with it, what the report shows of it, and its logs; those come first while it runs. */
export function runBody({ base, report, logs, others }: RunView): string {
  const [summary = "", ...rest] = runSections(report);
  const more = `<div id="more">${rest.join("\n")}</div>`;
  const read = logSection(logs);
  return `${actions(base, report, others)}
<div id="live">${summary}</div>
${report.record.state === "finished" ? more + read : read + more}`;
}

function logSection(logs: readonly UiLog[]): string {
  return `<section id="logs"><h2>Logs</h2>
<div id="tools"><input id="search" type="search" placeholder="search the open logs" aria-label="search the open logs"><button id="next" type="button">next</button><span id="count" role="status"></span></div>
<p class="note wide"><kbd>/</kbd> search, <kbd>Enter</kbd> or <kbd>n</kbd> next, <kbd>Esc</kbd> clear, <kbd>j</kbd> <kbd>k</kbd> to the next or previous log</p>
${logs.map(logDetails).join("\n")}</section>`;
}

/** What is done to a run by a click; a run of somebody else can only be looked at. */
function actions(base: string, { record, foreign }: RunReport, others: readonly string[]): string {
  const buttons = foreign ? [] : [...cancels(record), ...reruns(record)];
  const options = others
    .filter((id) => id !== record.run_id)
    .map((id) => `<option value="${text(id)}">${text(id)}</option>`);
  const compare =
    options.length === 0
      ? ""
      : `<form class="choose" method="get" action="${text(base)}compare/"><label>compare with <select name="before">${options.join("")}</select></label><input type="hidden" name="after" value="${text(record.run_id)}"><button>compare</button></form>`;
  return `<div id="actions" class="actions">${buttons.join("")}<a href="#logs">logs</a>${compare}</div>`;
}

function cancels(record: RunRecord): string[] {
  if (record.state === "finished") return [];
  const running = record.jobs.filter(({ result }) => result === null);
  const jobs = running.length < 2 || running.length > MOST_CANCELS ? [] : running;
  return [
    `<button type="button" class="stop" data-post="cancel">cancel the run</button>`,
    ...jobs.map(
      ({ job }) =>
        `<button type="button" class="stop" data-post="cancel" data-job="${text(job)}">cancel ${text(job)}</button>`,
    ),
  ];
}

function reruns({ state, jobs, snapshot }: RunRecord): string[] {
  if (state !== "finished" || snapshot === null) return [];
  const bad = jobs.some(
    ({ result }) => result !== null && ["failed", "timeout", "infra", "cancelled"].includes(result.status),
  );
  return [
    `<button type="button" data-post="rerun">run again</button>`,
    ...(bad
      ? [`<button type="button" data-post="rerun" data-failed="true">run again what did not pass</button>`]
      : []),
  ];
}

function logDetails({ id, title, job, file, open }: UiLog): string {
  const of = job === null ? "" : ` data-job="${text(job)}"`;
  return `<details class="log" id="${text(id)}" data-file="${file}"${of}${open ? " open" : ""}><summary>${text(title)} <span class="note size"></span></summary><p class="note before"></p><pre class="log" tabindex="0" role="log" aria-live="off" aria-label="log of ${text(title)}"></pre></details>`;
}

/** The way back to the list, and which run it is. */
export function crumbs(base: string, runId: string): string {
  return `<p class="crumbs"><a href="${text(base)}">runs</a> › ${when(runId)}</p>`;
}
