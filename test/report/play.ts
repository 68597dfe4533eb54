// Plays a run's events to the live reporter on this terminal; each key that is pressed is a step further, but for `h`:
// it holds this process up, as a busy machine does, until the terminal has another size.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { plainHost } from "../../src/config/project.ts";
import type { PikaciEvent } from "../../src/core/events.ts";
import { parseContentHash, parseHostUrl, parseJobName, parseRunId } from "../../src/core/ids.ts";
import { LiveReporter } from "../../src/report/live.ts";
import { painter } from "../../src/report/style.ts";
import { closedJob, finished, newRecord, pendingJob } from "../../src/runs/transitions.ts";

process.stdin.setRawMode(true);
const runId = parseRunId("20260101T000000Z-0123abcd");
const host = parseHostUrl("ssh://ci@builder");
const [unit, lint] = [parseJobName("unit"), parseJobName("lint")];
const contentHash = parseContentHash("0123456789ab".padEnd(64, "0"));
const client = { pid: 1, started: "", hostname: "h" };
const start = newRecord({ runId, projectId: "p", host: plainHost(host, host), now: new Date(0), client });
const jobs = [
  closedJob(pendingJob(unit), runId, { status: "passed", message: "exit code 0", at: new Date(0) }),
  closedJob(pendingJob(lint), runId, { status: "failed", message: "exit code 3", at: new Date(0) }),
];
const record = finished({ ...start, jobs }, 130, new Date(2500));

const reporter = new LiveReporter({
  write: (text) => void process.stderr.write(text),
  size: () => {
    const [columns, rows] = process.stderr.getWindowSize();
    return { columns, rows };
  },
  paint: painter(false),
  verbosity: "normal",
  cwd: "/w",
  expected: new Map([["unit", 60_000]]),
  now: () => Date.now(),
});

async function play(...events: PikaciEvent[]): Promise<void> {
  for (const event of events) reporter.emit(event);
  while (String(await once(process.stdin, "data")) === "h") holdUp();
}

function holdUp(): void {
  const size = () =>
    execFileSync("stty", ["size"], { encoding: "utf8", stdio: ["inherit", "pipe", "inherit"] });
  const before = size();
  process.stderr.write("\x1b]2;held up\x07");
  while (size() === before);
}

await play(
  { type: "run-started", runId, target: "check", host, jobs: [unit, lint] },
  { type: "stage-started", stage: "publish", job: null },
  { type: "upload-progress", bytes: 500_000, totalBytes: 2_000_000 },
);
await play(
  { type: "published", contentHash, outcome: "uploaded", bytesSent: 2_000_000 },
  { type: "stage-finished", stage: "publish", job: null, durationMs: 3000 },
  { type: "job-phase", job: unit, phase: "running" },
  { type: "job-phase", job: lint, phase: "running" },
  {
    type: "job-log",
    job: lint,
    data: Buffer.from(`\x1b[31ma line that is wide ${"=".repeat(200)}\nlast words\n`),
  },
  { type: "job-log", job: unit, data: Buffer.from(`${"x".repeat(300)}\x1b[2J\n`) },
);
for (const [job, { result }] of [
  [lint, jobs[1] ?? pendingJob(lint)],
  [unit, jobs[0] ?? pendingJob(unit)],
] as const)
  if (result !== null) await play({ type: "job-finished", job, result });
await play({ type: "run-finished", record, directory: "/w/.pikaci/runs/x" });
for (const failure of reporter.close()) throw failure;
process.stdin.destroy();
