import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plainHost } from "../../../src/config/project.ts";
import type { PikaciEvent } from "../../../src/core/events.ts";
import {
  type JobName,
  parseContentHash,
  parseHostUrl,
  parseJobName,
  parseRunId,
} from "../../../src/core/ids.ts";
import type { Status } from "../../../src/core/job-result.ts";
import type { JobRecord } from "../../../src/core/run-record.ts";
import { CiReporter } from "../../../src/report/ci/reporter.ts";
import type { CiService } from "../../../src/report/ci/service.ts";
import type { SarifFiles } from "../../../src/report/places/sarif-files.ts";
import { painter } from "../../../src/report/style.ts";
import { closedJob, finished, newRecord, pendingJob } from "../../../src/runs/transitions.ts";
import { HOSTILE, hostilePage } from "./hostile.ts";

const test = suite("CI reporter");
const runId = parseRunId("20260101T000000Z-0123abcd");
const host = parseHostUrl("local");
const [unit, lint] = [parseJobName("unit"), parseJobName("lint")];
const contentHash = parseContentHash("0".repeat(64));
const files = new Set(["in/a.c", "b.c"]);
const client = { pid: 1, started: "", hostname: "h" };

function jobRecord(job: JobName, status: Status, message: string): JobRecord {
  return closedJob(pendingJob(job), runId, { status, message, at: new Date(0) });
}

function log(job: JobName, data: string | Buffer): PikaciEvent {
  return { type: "job-log", job, data: Buffer.from(data) };
}

function ended(record: JobRecord): PikaciEvent {
  if (record.result === null) throw new Error("no result");
  return { type: "job-finished", job: record.job, result: record.result };
}

interface Shown {
  readonly lines: string[];
  readonly summary: string;
}

function shown(
  service: CiService,
  events: readonly PikaciEvent[],
  verbosity: "normal" | "quiet" = "normal",
  sarif: SarifFiles = { documents: [], complaints: [] },
): Shown {
  let text = "";
  let summary = "";
  const reporter = new CiReporter({
    service,
    prefix: "below/",
    cwdOf: (id, job) => (id === runId && job === lint ? "/workspace/in" : "/workspace"),
    sarifOf: () => sarif,
    filesOf: (hash) => (hash === contentHash ? files : null),
    write: (part) => {
      text += part;
    },
    summary: {
      write: (part) => {
        summary += part;
      },
      close: () => null,
    },
    now: () => 1_700_000_000_000,
    paint: painter(false),
    verbosity,
    cwd: "/w",
  });
  for (const event of events) reporter.emit(event);
  assert.equal(reporter.close(), []);
  return { lines: text.split("\n").slice(0, -1), summary };
}

const good = jobRecord(unit, "passed", "exit code 0");
const bad = jobRecord(lint, "failed", "exit code 1");
const start = newRecord({ runId, projectId: "p", host: plainHost(host, host), now: new Date(0), client });
const record = finished({ ...start, jobs: [good, bad] }, 130, new Date(2500));
const end: PikaciEvent = { type: "run-finished", record, directory: "/w/d" };
const begin: PikaciEvent = { type: "run-started", runId, target: null, host, jobs: [unit, lint] };
const events: readonly PikaciEvent[] = [
  log(unit, "one\n"),
  log(lint, "src/a.c:3:1: error: bad, %\n"),
  log(unit, "two\n"),
  ended(good),
  log(lint, "last"),
  ended(bad),
  end,
];

const tail = [
  "✔ passed  unit",
  "✘ failed  lint: exit code 1",
  "✘ failed  run 20260101T000000Z-0123abcd in 2.5 s",
  "look further: pikaci logs 20260101T000000Z-0123abcd --job lint · pikaci status 20260101T000000Z-0123abcd · d",
];
const openLint = ["  src/a.c:3:1: error: bad, %", "  last"];
const annotation = "::error file=below/src/a.c,line=3,title=lint::error: bad, %25";
const folds = ["::group::✔ passed  unit", "  one", "  two", "::endgroup::"];
const rest = ["── ✘ failed  lint: exit code 1 ──", ...openLint, "── verdicts ──", ...tail];
const table: readonly (readonly [CiService, readonly string[]])[] = [
  [
    "github",
    [...folds, "── ✘ failed  lint: exit code 1 ──", ...openLint, annotation, "── verdicts ──", ...tail],
  ],
  ["gitea", [...folds, ...rest]],
  ["forgejo", [...folds, ...rest]],
  [
    "gitlab",
    [
      "\x1b[0Ksection_start:1700000000:pikaci_unit[collapsed=true]\r\x1b[0K✔ passed  unit",
      "  one",
      "  two",
      "\x1b[0Ksection_end:1700000000:pikaci_unit\r\x1b[0K",
      ...rest,
    ],
  ],
  [
    "buildkite",
    [
      "--- ✔ passed  unit",
      "  one",
      "  two",
      "+++ ✘ failed  lint: exit code 1",
      ...openLint,
      "+++ verdicts",
      ...tail,
    ],
  ],
  ["generic", ["── ✔ passed  unit ──", "  one", "  two", ...rest]],
];
for (const [service, lines] of table)
  test(`${service}: each job in one piece, what failed stays open`, () => {
    assert.equal(shown(service, events).lines, lines);
  });

test("quiet: the verdicts alone, the summary all the same", () => {
  const { lines, summary } = shown("github", events, "quiet");
  assert.equal(lines, ["── verdicts ──", ...tail]);
  assert.match(summary, "src/a.c:3:1");
});

test("a long log of a job that failed: folded, and its last 100 lines open", () => {
  const long = log(lint, Array.from({ length: 150 }, (_, n) => `line ${n}\n`).join(""));
  const { lines } = shown("github", [long, ended(bad)]);
  assert.is(lines[0], "::group::the log of lint");
  assert.is(lines[151], "::endgroup::");
  assert.equal(lines.slice(152, 155), [
    "── ✘ failed  lint: exit code 1 ──",
    "  … 50 lines before",
    "  line 50",
  ]);
  assert.is(lines.at(-1), "::error title=lint::exit code 1");
});

test("annotations: where GitHub finds the file, errors first, and the job's own when there is no error", () => {
  const annotations = (...lines: string[]) =>
    shown("github", [begin, log(lint, lines.join("\n")), ended(bad)]).lines.filter((line) =>
      /^::/.test(line),
    );
  assert.equal(annotations("a.c:1: warning: w", "../b.c:2:1: note: n", "/workspace/c.c:3: error: e"), [
    "::error file=below/c.c,line=3,title=lint::error: e",
    "::warning file=below/in/a.c,line=1,title=lint::warning: w",
    "::notice file=below/b.c,line=2,title=lint::note: n",
  ]);
  assert.equal(annotations("a.c:1: warning: w"), [
    "::error title=lint::exit code 1",
    "::warning file=below/in/a.c,line=1,title=lint::warning: w",
  ]);
});

test("annotations: a file's name decoded from a URL has no terminal escapes", () => {
  const line = "    at x (file:///workspace/a%1B%5B2Jb.js:1:1)";
  const { lines } = shown("github", [begin, log(lint, line), ended(bad)]);
  assert.ok(lines.includes("::error file=below/ab.js,line=1,title=lint::exit code 1"), lines.join("\n"));
});

test("annotations: only files of the snapshot, noise takes no room", () => {
  const published: PikaciEvent = { type: "published", contentHash, outcome: "reused", bytesSent: 0 };
  const noise = Array.from({ length: 30 }, (_, n) => `other.c:${n}: error: x\n127.0.0.1:${n}: refused`);
  const lines = [...noise, "a.c:1: warning: w", "/workspace/b.c:2: error: e"].join("\n");
  const annotations = shown("github", [begin, published, log(lint, lines), ended(bad)]).lines.filter((line) =>
    /^::/.test(line),
  );
  assert.equal(annotations, [
    "::error file=below/b.c,line=2,title=lint::error: e",
    "::warning file=below/in/a.c,line=1,title=lint::warning: w",
  ]);
});

test("annotations: what a job left as SARIF stands before its log, and what is none is warned of", () => {
  const result = (uri: string, level: "error" | "note") => ({
    level,
    message: { text: "m\n::error::x" },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: 7 } } }],
  });
  const results = [result("/workspace/b.c", "note"), result("a.c", "error"), result("no.c", "error")];
  const sarif: SarifFiles = {
    documents: [{ version: "2.1.0", runs: [{ tool: { driver: { name: "t" } }, results }] }],
    complaints: ["x.sarif: not JSON"],
  };
  const published: PikaciEvent = { type: "published", contentHash, outcome: "reused", bytesSent: 0 };
  const all = [begin, published, log(lint, "a.c:3: error: e"), ended(bad)];
  assert.equal(
    shown("github", all, "normal", sarif).lines.filter((line) => /^::/.test(line)),
    [
      "::error file=below/in/a.c,line=7,title=lint::m%0A: :error::x",
      "::error file=below/in/a.c,line=3,title=lint::error: e",
      "::notice file=below/b.c,line=7,title=lint::m%0A: :error::x",
      "::warning title=lint::x.sarif: not JSON",
    ],
  );
  assert.equal(
    shown("gitea", all, "normal", sarif).lines.filter((line) => /x.sarif/.test(line)),
    [],
  );
});

test("a job without an end of its own is told at the end", () => {
  const { lines } = shown("gitea", [log(unit, "half"), end]);
  assert.equal(lines.slice(0, 3), ["::group::✔ passed  unit", "  half", "::endgroup::"]);
});

test("the step summary: a table, and the ends of bad logs as text", () => {
  const evil = jobRecord(lint, "failed", "</td><script>x</script> \x1b[31m@all");
  const { summary } = shown("github", [
    log(lint, "```\n</pre><img src=x onerror=alert(1)>\n\n# heading\n"),
    ended(evil),
    { ...end, record: { ...record, jobs: [good, evil] } },
  ]);
  assert.match(summary, "### pikaci: failed in 2.5 s");
  assert.match(summary, "&lt;/td&gt;&lt;script&gt;x&lt;/script&gt; @all");
  assert.match(summary, "<pre>```\n&lt;/pre&gt;&lt;img src=x onerror=alert(1)&gt;\n\n# heading</pre>");
  assert.not.match(summary, "<script");
  assert.not.match(summary, "<img");
});

test("the step summary: an error and messages with blank lines stay in their HTML", () => {
  const message = "one\n\n# two <b>";
  const error = { kind: "infra", message, hint: "look\n\n- there" };
  const told: JobRecord = { ...bad, result: bad.result && { ...bad.result, message } };
  const { summary } = shown("github", [{ ...end, record: { ...record, jobs: [told], error } }]);
  const doctor = "hint: `pikaci doctor` looks for what would make a run fail, here and on hosts";
  assert.ok(
    summary.includes(`\n<pre>one\n\n# two &lt;b&gt;\nhint: look\n\n- there\n${doctor}</pre>\n`),
    summary,
  );
  assert.match(summary, "<td>one<br><br># two &lt;b&gt;</td></tr></table>\n");
});

test("the step summary stays below what GitHub takes, and says what it leaves out", () => {
  const names = Array.from({ length: 2000 }, (_, n) => parseJobName(`job-${n}`));
  const wide = `${"'".repeat(16_000)}\n`.repeat(41);
  for (const jobs of [names.slice(0, 1), names.slice(0, 5), names]) {
    const records = jobs.map((job) => jobRecord(job, "failed", "é'".repeat(2000)));
    const error = { kind: "x", message: "&".repeat(1e6), hint: "&".repeat(1e6) };
    const { summary } = shown("github", [
      ...jobs.slice(0, 6).map((job) => log(job, `${wide}the end of ${job}\n`)),
      { ...end, record: { ...record, jobs: records, error } },
    ]);
    assert.ok(Buffer.byteLength(summary) < 512 * 1024, String(Buffer.byteLength(summary)));
    assert.match(summary, /<pre>… \d+ lines before: pikaci logs --job job-0\n/);
    assert.match(summary, "the end of job-0");
    assert.is(summary.split("<pre>").length, summary.split("</pre>").length);
    if (jobs === names) assert.match(summary, /<td colspan="4">\d+ more jobs</);
  }
});

/** What a service would take for a mark of its own, at a line's start but for blanks, or anywhere. */
const MARKS =
  /^\s*::[a-z]|##\[|##vso|##teamcity|^(---|\+\+\+|~~~|\^\^\^)(\s|$)|section_(start|end):\d+:\S*\r|[^\P{Cc}\t\n]/mu;

for (const [name, text] of HOSTILE)
  for (const service of ["github", "gitlab", "buildkite"] as const)
    test(`hostile on ${service}: ${name}`, () => {
      const bytes = Buffer.from(text);
      const pieces = [bytes.subarray(0, 5), bytes.subarray(5, 6), bytes.subarray(6)];
      const evil = jobRecord(lint, "failed", `exit\n${Buffer.from(text).toString("utf8").slice(0, 200)}`);
      const { lines } = shown(service, [
        ...pieces.map((piece) => log(lint, piece)),
        { type: "warning", message: String(text).slice(0, 300), hint: String(text).slice(0, 300) },
        { type: "nix-log", line: String(text).slice(0, 300) },
        ended(evil),
      ]);
      const own = lines.filter((line) => /^(\+\+\+ ✘|::error (file|title)=)/.test(line));
      assert.ok(own.length >= (service === "gitlab" ? 0 : 1));
      for (const line of lines.filter((one) => !own.includes(one))) assert.not.match(line, MARKS);
      for (const line of own) assert.not.match(line.slice(3), MARKS);
    });

test("20 MB of output: the end is shown, and little is kept", () => {
  const piece = log(lint, `${"y".repeat(79)}\n`.repeat(819));
  const pieces = Array.from({ length: Math.ceil(20e6 / (819 * 80)) }, () => piece);
  const { lines } = shown("github", [...pieces, log(lint, "the end\n"), ended(bad)]);
  assert.ok(lines.join("\n").length < 2.5e6);
  assert.is(lines.at(-2), "  the end");
  assert.match(lines[1] ?? "", /^ {2}… \d+ lines before$/);
});

test("docs/hostile-logs.md is what is shown (else: npx tsx scripts/hostile-logs.ts)", () => {
  assert.is(readFileSync(join(import.meta.dirname, "../../../docs/hostile-logs.md"), "utf8"), hostilePage());
});

test("attempts of a job are in its log, and only the last one's places are annotated", () => {
  const flaky = jobRecord(lint, "flaky", "exit 0 at attempt 2 of 2");
  const again = { type: "job-attempt", job: lint, attempt: 2, of: 2, reason: "exit 1" } as const;
  const first = log(lint, "src/a.c:3:1: error: first");
  const run = finished({ ...start, jobs: [flaky, good] }, 130, new Date(2500));
  const passed = shown("github", [first, again, log(lint, "fine\n"), ended(flaky), { ...end, record: run }]);
  assert.equal(passed.lines.slice(0, 5), [
    "::group::↻ flaky  lint: exit 0 at attempt 2 of 2",
    "  src/a.c:3:1: error: first",
    "  ↻ attempt 2 of 2  lint; the one before: exit 1",
    "  fine",
    "::endgroup::",
  ]);
  assert.match(passed.summary, "pikaci: flaky in 2.5 s, 1 flaky job");
  assert.match(passed.summary, "<td>⚠️ flaky</td>");
  const { lines } = shown("github", [first, again, log(lint, "src/a.c:9:1: error: second\n"), ended(bad)]);
  assert.equal(
    lines.filter((line) => line.startsWith("::error")),
    ["::error file=below/src/a.c,line=9,title=lint::error: second"],
  );
});

test.run();
