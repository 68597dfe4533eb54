import { formatBytes } from "../format.ts";
import { ansiToHtml } from "./ansi.ts";
import type { ReportLog, RunReport } from "./run-report.ts";
import { href, text } from "./text.ts";

/** Every log, with a search through all of them. */
export function logSection({ logs }: RunReport): string {
  return `<section><h2>Logs</h2>
<div id="tools"><input id="search" type="search" placeholder="search the logs" aria-label="search the logs"><button id="next" type="button">next</button><button id="open" type="button">open or close all</button><span id="count" role="status"></span></div>
<p class="note wide"><kbd>/</kbd> search, <kbd>Enter</kbd> or <kbd>n</kbd> next, <kbd>Shift</kbd>+<kbd>Enter</kbd> back, <kbd>Esc</kbd> clear, <kbd>j</kbd> <kbd>k</kbd> to the next or previous log</p>
${logs.map(logDetails).join("\n")}</section>`;
}

function logDetails({ id, title, text: content, leftOut, path, open }: ReportLog): string {
  const lines = ansiToHtml(content).map((line) => `<span>${line}</span>`);
  const before =
    leftOut === 0
      ? ""
      : `<p class="note">${formatBytes(leftOut)} came before this: <a href="${href(path)}">the whole log</a></p>`;
  const count = lines.length === 0 ? "empty" : `${lines.length} line${lines.length === 1 ? "" : "s"}`;
  return `<details class="log" id="${text(id)}"${open ? " open" : ""}><summary>${text(title)} <span class="note">${count}</span></summary>${before}<pre class="log">${lines.join("")}</pre></details>`;
}
