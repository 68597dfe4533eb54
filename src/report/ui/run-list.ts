import { formatDuration } from "../../config/duration.ts";
import type { ListedRun, ListPage, ListQuery } from "../../runs/history/run-list.ts";
import { text } from "../html/text.ts";

interface RunListView {
  readonly base: string;
  readonly page: ListPage;
  readonly query: ListQuery;
  readonly statuses: readonly string[];
  readonly targets: readonly string[];
  /** How far the records have been read; null when all are. */
  readonly reading: { readonly done: number; readonly all: number } | null;
}

/** The list of runs: what to choose from, a table, and the way to what is older. */
export function runList({ base, page, query, statuses, targets, reading }: RunListView): string {
  const rows = page.runs.map((run) => row(base, run));
  const chosen = query.status !== null || query.target !== null || query.before !== null;
  const table =
    rows.length === 0
      ? `<p>${chosen ? "No such run." : "No runs yet: <code>pikaci run</code> makes one."}</p>`
      : `<table class="runs"><thead><tr><th>verdict</th><th>started (UTC)</th><th>target</th><th>jobs</th><th>took</th><th>commit</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
  return `<h1>Runs</h1>
<form class="choose" method="get" action="${text(base)}">
<label>verdict ${select("status", statuses, query.status)}</label>
<label>target ${select("target", targets, query.target)}</label>
<button>show</button></form>
<div id="live"><p class="dim">${page.matching} run${page.matching === 1 ? "" : "s"}${query.before === null ? "" : `, those before ${text(query.before)}`}${reading === null ? "" : `; reading the records: ${reading.done} of ${reading.all}`}</p>
${table}
${pager(base, page, query)}</div>`;
}

/** Two buttons of choices: what is chosen, and everything. */
export function select(name: string, words: readonly string[], chosen: string | null): string {
  const options = words.map(
    (word) => `<option value="${text(word)}"${word === chosen ? " selected" : ""}>${text(word)}</option>`,
  );
  return `<select name="${name}"><option value="">all</option>${options.join("")}</select>`;
}

function row(base: string, run: ListedRun): string {
  const { run_id, kind, state, status, target, host, ms, git_head, git_subject, error } = run;
  const verdict = kind === "broken" ? "broken" : (status ?? state);
  const whose = kind === "foreign" ? ' <span class="badge">foreign</span>' : "";
  const jobs = run.jobs.map(
    ({ status: word, count }) => `<span class="count ${text(word)}">${count} ${text(word)}</span>`,
  );
  const what = error !== null && jobs.length === 0 ? `<span class="dim">${text(oneLine(error))}</span>` : "";
  const commit =
    git_head === null
      ? ""
      : `<code>${text(git_head.slice(0, 8))}</code> <span class="dim">${text(oneLine(git_subject ?? ""))}</span>`;
  return `<tr><td><span class="v ${text(verdict)}">${text(verdict)}</span>${whose}</td><td><a href="${text(`${base}runs/${run_id}/`)}">${when(run_id)}</a></td><td class="t">${text(target ?? "–")} <span class="dim">on ${text(host)}</span></td><td class="t">${jobs.join(" ")}${what}</td><td class="n">${ms === null ? "" : formatDuration(ms)}</td><td class="t">${commit}</td></tr>`;
}

const LONGEST = 80;

function oneLine(untrusted: string): string {
  const [line = ""] = untrusted.split("\n");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** `2026-01-02 03:04:05`, UTC, from a run's id. */
export function when(runId: string): string {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(runId) ?? [];
  if (year === undefined) return text(runId);
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  return `<time datetime="${iso}" title="${text(runId)}">${iso.replace("T", " ").slice(0, -1)}</time>`;
}

function pager(base: string, { older }: ListPage, query: ListQuery): string {
  const to = (before: string | null) => {
    const words = Object.entries({ status: query.status, target: query.target, before });
    const set = words.flatMap(([name, value]) => (value === null ? [] : [[name, value] as [string, string]]));
    return text(`${base}?${new URLSearchParams(set)}`);
  };
  const first = query.before === null ? "" : `<a href="${to(null)}">newest</a>`;
  const next = older === null ? "" : `<a rel="next" href="${to(older)}">older runs</a>`;
  return first + next === "" ? "" : `<nav class="pager" aria-label="pages of the list">${first}${next}</nav>`;
}
