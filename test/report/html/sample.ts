import { plainHost } from "../../../src/config/project.ts";
import { parseContentHash, parseHostUrl, parseJobName, parseRunId } from "../../../src/core/ids.ts";
import type { JobRecord, RunRecord } from "../../../src/core/run-record.ts";
import type { RunReport } from "../../../src/report/html/run-report.ts";
import { compareRuns } from "../../../src/runs/compare.ts";
import { planGraph } from "../../../src/runs/plan-graph.ts";
import { timingOf } from "../../../src/runs/timing.ts";
import { closedJob, finished, newRecord, pendingJob } from "../../../src/runs/transitions.ts";

/** What a guest would write to have something run in the report's reader's browser. */
export const HOSTILE = [
  "<script>window.owned = 1</script>",
  '</pre></details><img src=x onerror="window.owned = 2">',
  "\x1b[31m<svg onload=window.owned=3>\x1b[0m",
  "\"' onmouseover=window.owned=4 x='",
  "\x1b]8;;javascript:window.owned=5\x1b\\link\x1b]8;;\x1b\\",
  '\x1b[38;5;1"onclick=x;m\x1b[2J\u202e&lt;b&gt;',
  "<link rel=stylesheet href=http://203.0.113.1/x.css><iframe src=http://203.0.113.1></iframe>",
].join("\n");

const [unit, lint] = [parseJobName("unit"), parseJobName("lint")];
const client = { pid: 1, started: "", hostname: "desk" };
const ids = [parseRunId("20260101T000000Z-00000001"), parseRunId("20260101T000100Z-00000002")] as const;

function runOf(index: 0 | 1, jobs: readonly JobRecord[]): RunRecord {
  const host = parseHostUrl("ssh://ci@builder");
  const start = newRecord({
    runId: ids[index],
    projectId: "p",
    host: plainHost(host, host),
    now: new Date(index * 60_000),
    client,
  });
  const snapshot = {
    content_hash: parseContentHash(String(index).repeat(64)),
    file_count: 3,
    byte_count: 4000,
    source: {
      git_head: "0123456789abcdef",
      git_dirty: true,
      git_branch: "feature/<b>x",
      git_subject: HOSTILE.replaceAll("\n", " "),
    },
    outcome: "uploaded" as const,
    bytes_sent: 2000,
  };
  return finished(
    { ...start, target: parseJobName("check"), snapshot, jobs },
    130,
    new Date(index * 60_000 + 9000),
  );
}

function at(ms: number, event: object): string {
  return JSON.stringify({ schema_version: 1, at: new Date(60_000 + ms).toISOString(), ...event });
}

const events = [
  at(0, { type: "run-started" }),
  at(0, { type: "stage-started", stage: "snapshot", job: null }),
  at(500, { type: "stage-finished", stage: "snapshot", job: null }),
  at(600, { type: "connected", nix_version: "2.34", work_dir: "/w" }),
  at(1000, { type: "job-phase", job: "unit", phase: "booting" }),
  at(2000, { type: "job-phase", job: "unit", phase: "running" }),
  at(8000, { type: "job-finished", job: "unit" }),
  at(9000, { type: "run-finished" }),
].join("\n");

/** A report with a job that passed, one that failed, and hostile text in every place that takes text of a guest. */
export function sampleReport(): RunReport {
  const message = "exit 3 <script>window.owned = 6</script>";
  const passed = (index: 0 | 1) =>
    closedJob(pendingJob(unit), ids[index], { status: "passed", message: "exit 0", at: new Date(0) });
  const bad = {
    ...closedJob(pendingJob(lint), ids[1], { status: "failed", message, at: new Date(0) }),
    artifacts: [
      { path: "a \"b'<img src=x onerror=window.owned=7>#?.txt", type: "file" as const, size: 3 },
      { path: "javascript:window.owned=8", type: "file" as const, size: 3 },
    ],
    artifacts_left_out: ["<script>window.owned = 9</script>: a socket"],
  };
  const good = closedJob(pendingJob(lint), ids[0], { status: "passed", message: "exit 0", at: new Date(0) });
  const record = runOf(1, [passed(1), bad]);
  const before = runOf(0, [passed(0), good]);
  const log = (id: string, title: string, text: string, open: boolean) => ({
    ...{ id, title, text, open, leftOut: open ? 5_000_000 : 0, path: `jobs/${title}/guest.log` },
  });
  const long = Array.from({ length: 2000 }, (_, n) => `\x1b[32mok\x1b[0m line ${n}`).join("\n");
  return {
    record,
    timing: timingOf(events),
    plan: planGraph({
      nodes: [
        { kind: "prepare", id: "prepare installable .#node<script>" },
        { kind: "execute", id: "execute unit", job: "unit", backend: "sandbox", needs: [] },
        {
          kind: "execute",
          id: "execute lint",
          job: "lint",
          backend: "sandbox",
          needs: ["prepare installable .#node<script>"],
        },
      ],
    }),
    comparison: compareRuns({ record: before, specs: new Map() }, { record, specs: new Map() }),
    logs: [
      log("log-unit", "unit", long, false),
      log("log-lint", "lint", `${HOSTILE}\n\x1b[1;31mred\x1b[0m words\n`, true),
    ],
    place: "",
    foreign: false,
    version: "0.1.0",
  };
}
