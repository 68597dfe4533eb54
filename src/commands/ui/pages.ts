import type { RunId } from "../../core/ids.ts";
import type { RunRecord } from "../../core/run-record.ts";
import { titleOf } from "../../report/html/page.ts";
import { comparisonSection } from "../../report/html/sections.ts";
import { storedReport } from "../../report/html/stored-report.ts";
import { text } from "../../report/html/text.ts";
import { historyBody, jobHistoryBody } from "../../report/ui/history.ts";
import { crumbs, runBody, type UiLog } from "../../report/ui/run.ts";
import { runList } from "../../report/ui/run-list.ts";
import { messagePage, uiPage } from "../../report/ui/shell.ts";
import { compareRuns } from "../../runs/compare.ts";
import { comparedRun } from "../../runs/compared.ts";
import { listChoices, listPage, recentIds } from "../../runs/history/run-list.ts";
import { jobDetail, summarise } from "../../runs/history/summary.ts";
import { jobFile, runFile } from "../../runs/layout.ts";
import { openRun, type RecordPlace } from "../../runs/stored-runs.ts";
import { sizeOf } from "../../system/artifact-files.ts";
import { type Answer, answer, HTML } from "./answer.ts";
import type { HistoryFeed } from "./history-feed.ts";

/** What every page is made from. */
export interface Pages {
  readonly base: string;
  readonly place: RecordPlace;
  readonly feed: HistoryFeed;
}

const PAGE_SIZE = 100;
/** Runs that a page of statistics looks at, and those that a run can be compared with. */
const LOOKED_AT = 200;
const COMPARABLE = 50;
/** Of each log, so much is read for the last lines of what failed. */
const LOG_END = 16 * 1024;
/** With more running jobs than these, none of their logs is opened unasked. */
const MOST_OPEN = 3;

export async function runsPage({ base, feed }: Pages, words: URLSearchParams): Promise<Answer> {
  await feed.fresh();
  const said = (name: string) => words.get(name) || null;
  const query = {
    before: said("before"),
    status: said("status"),
    target: said("target"),
    limit: PAGE_SIZE,
  };
  const view = { base, query, reading: feed.reading, page: listPage(feed.database, query) };
  const body = runList({ ...view, ...listChoices(feed.database) });
  return page({ base, title: "runs · pikaci", at: "runs", body });
}

/** InfraError for a record that cannot be read, UsageError for one that is gone. */
export function runPage({ base, place, feed }: Pages, runId: RunId): Answer {
  const run = openRun(place, runId);
  const report = storedReport(place, run, run.directory, LOG_END);
  const others = recentIds(feed.database, COMPARABLE);
  const body = runBody({ base, report, others, logs: logsOf(run.record, run.directory) });
  return page({
    base,
    title: `${titleOf(run.record)} · pikaci`,
    at: "runs",
    body: crumbs(base, runId) + body,
    follows: runId,
  });
}

/** Those that have something in them, and those that soon may. */
function logsOf(record: RunRecord, directory: string): UiLog[] {
  const running = record.jobs.filter(({ state }) => state === "running").length;
  const jobs = record.jobs.flatMap(({ job, state, result }): UiLog[] => {
    const isBad = result !== null && ["failed", "timeout", "infra"].includes(result.status);
    const open = isBad || (state === "running" && running <= MOST_OPEN);
    const place = runFile.job(directory, job);
    const guest: UiLog = { id: `log-${job}`, title: job, job, file: "guest", open };
    const host: UiLog = { id: `host-${job}`, title: `${job}: host`, job, file: "host", open: false };
    return [
      ...(state === "running" || sizeOf(jobFile.guestLog(place)) > 0 ? [guest] : []),
      ...(sizeOf(jobFile.hostLog(place)) > 0 ? [host] : []),
    ];
  });
  if (sizeOf(runFile.hostLog(directory)) === 0) return jobs;
  const open = record.error !== null;
  return [...jobs, { id: "host", title: "host and Nix", job: null, file: "host", open }];
}

export function historyPage({ base, feed }: Pages): Answer {
  const body = historyBody(base, summarise(feed.database, LOOKED_AT));
  return page({ base, title: "history · pikaci", at: "history", body });
}

export function jobHistoryPage({ base, feed }: Pages, job: string): Answer {
  const detail = jobDetail(feed.database, job, LOOKED_AT);
  if (detail === null) return missing(base, `none of the newest ${LOOKED_AT} runs has a job ${job}`);
  return page({
    base,
    title: `${job} · history · pikaci`,
    at: "history",
    body: jobHistoryBody(base, detail),
  });
}

export function comparePage({ base, place }: Pages, before: RunId, after: RunId): Answer {
  const [one, other] = [before, after].map((id) => {
    const { record, directory } = openRun(place, id);
    return comparedRun(record, directory);
  });
  if (one === undefined || other === undefined) throw new Error("two runs were asked for");
  const link = (id: RunId) => `<a href="${text(`${base}runs/${id}/`)}"><code>${text(id)}</code></a>`;
  const swap = text(`${base}compare/?${new URLSearchParams({ before: after, after: before })}`);
  const body = `<h1>Comparison</h1><p>${link(after)} compared with ${link(before)} · <a href="${swap}">the other way round</a></p>${comparisonSection({ comparison: compareRuns(one, other) })}`;
  return page({ base, title: "comparison · pikaci", at: null, body });
}

/** A page that says why there is nothing to see. */
export function missing(base: string, message: string, status = 404): Answer {
  return answer(status, HTML, messagePage(base, "Nothing to see", message));
}

function page(shell: {
  readonly base: string;
  readonly title: string;
  readonly at: "runs" | "history" | null;
  readonly body: string;
  readonly follows?: string;
}): Answer {
  return answer(200, HTML, uiPage({ follows: null, ...shell }));
}
