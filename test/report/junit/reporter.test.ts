import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plainHost } from "../../../src/config/project.ts";
import { UsageError } from "../../../src/core/errors.ts";
import { parseHostUrl, parseJobName, parseRunId } from "../../../src/core/ids.ts";
import type { Status } from "../../../src/core/job-result.ts";
import type { JobRecord, RunRecord } from "../../../src/core/run-record.ts";
import { junitReporter } from "../../../src/report/junit/reporter.ts";
import { suitesOfArtifacts } from "../../../src/runs/reports/artifacts.ts";
import { parseJUnit } from "../../../src/runs/reports/parse-junit.ts";
import { closedJob, failed, finished, newRecord, pendingJob } from "../../../src/runs/transitions.ts";

const test = suite("--junit");
const directory = mkdtempSync(join(tmpdir(), "pikaci-junit-"));
test.after(() => rmSync(directory, { recursive: true }));
const runId = parseRunId("20260101T000000Z-0123abcd");
const client = { pid: 1, started: "", hostname: "h" };
const start = newRecord({
  runId,
  projectId: "p",
  host: plainHost("local", parseHostUrl("local")),
  now: new Date(0),
  client,
});

function jobWith(name: string, status: Status, files: Readonly<Record<string, string | null>>): JobRecord {
  const job = parseJobName(name);
  for (const [path, text] of Object.entries(files)) {
    const file = join(directory, "jobs", name, path);
    mkdirSync(dirname(file), { recursive: true });
    if (text === null) symlinkSync("/etc/passwd", file);
    else writeFileSync(file, text);
  }
  const artifacts = Object.entries(files)
    .filter(([path]) => path.startsWith("artifacts/"))
    .map(([path, text]) => ({ path: path.slice(10), type: "file" as const, size: text?.length ?? 0 }));
  return {
    ...closedJob(pendingJob(job), runId, { status, message: 'exit \x1b[31m1 <&"', at: new Date(0) }),
    artifacts,
  };
}

function document(record: RunRecord): string {
  let text = "";
  const write = (part: string) => {
    text += part;
  };
  const reporter = junitReporter({ write, close: () => null }, {});
  reporter.emit({ type: "run-finished", record, directory });
  assert.equal(reporter.close(), []);
  return text;
}

function rows(text: string): string[] {
  return (parseJUnit(text) ?? []).flatMap(({ name, cases }) =>
    cases.map((one) => `${name} | ${one.name} | ${one.outcome} | ${one.message} | ${one.text}`),
  );
}

test("jobs, and the tests of their artifacts", () => {
  const jobs = [
    jobWith("unit", "failed", {
      "guest.log": "said \x1b[31mred\x1b[0m ]]> \x00\ufffe</error>\n",
      "artifacts/deep/junit.xml": `<testsuite name="s"><testcase name="t"><failure message="a\u00e9">x</failure></testcase></testsuite>`,
      "artifacts/out.tap": "1..1\nok 1 - fine\n",
      "artifacts/coverage.xml": "<coverage/>",
      "artifacts/broken.xml": "<testsuite>",
      "artifacts/cut.tap": "ok 1\n",
      "artifacts/notes.txt": "<testsuite>",
    }),
    jobWith("lint", "passed", {}),
    jobWith("slow", "timeout", {}),
    jobWith("other", "skipped", {}),
  ];
  const text = document(finished({ ...start, jobs }, 130, new Date(1)));
  assert.equal(rows(text), [
    'pikaci | unit | failed | exit 1 <&" | said red ]]> \ufffd</error>',
    "pikaci | lint | passed |  | ",
    'pikaci | slow | error | exit 1 <&" | ',
    'pikaci | other | skipped | exit 1 <&" | ',
    "unit: broken.xml | broken.xml | error | 1:11: unclosed tag: testsuite | ",
    "unit: cut.tap | cut.tap | error | cut off: 1 test, no plan | ",
    "unit: s | t | failed | a\u00e9 | x",
    "unit: out.tap | fine | passed |  | ",
  ]);
  assert.match(
    text,
    '<testsuites name="pikaci 20260101T000000Z-0123abcd" tests="8" failures="2" errors="3" skipped="1"',
  );
});

test("attempts that went wrong stand there as Surefire writes them: flaky of a pass, rerun of a failure", () => {
  const attempt = (status: "failed" | "timeout" | "passed", message: string) => ({
    ...{ status, message, exit_code: null, signal: null, started_at: null, duration_ms: 5 },
  });
  const withAttempts = (name: string, status: Status, attempts: ReturnType<typeof attempt>[]): JobRecord => {
    const { result, ...job } = jobWith(name, status, {});
    return { ...job, result: result === null ? null : { ...result, message: "told", attempts } };
  };
  const excusedJob = jobWith("excused", "flaky", {
    "artifacts/a.xml": `<testsuite name="s"><testcase classname="c" name="t"><failure message="late"/></testcase><testcase name="u"><rerunFailure message="r" type="x"><stackTrace>where</stackTrace></rerunFailure><failure message="f"/></testcase></testsuite>`,
  });
  const quarantined = excusedJob.result === null ? null : { ...excusedJob.result, quarantined: ["c > t"] };
  const jobs = [
    withAttempts("flaky", "flaky", [
      attempt("failed", "exit 1"),
      attempt("timeout", "late"),
      attempt("passed", "exit 0"),
    ]),
    withAttempts("bad", "failed", [attempt("failed", "exit 1"), attempt("failed", "exit 2")]),
    { ...excusedJob, result: quarantined },
  ];
  const text = document(finished({ ...start, jobs }, 130, new Date(1)));
  const lines = text.split("\n").map((line) => line.trim());
  assert.equal(
    lines.filter((line) => line.startsWith("<testcase")),
    [
      '<testcase name="flaky" classname="pikaci"><flakyFailure message="exit 1" type=""></flakyFailure><flakyError message="late" type=""></flakyError></testcase>',
      '<testcase name="bad" classname="pikaci"><failure message="told"></failure><rerunFailure message="exit 1" type=""></rerunFailure></testcase>',
      '<testcase name="excused" classname="pikaci"><flakyFailure message="exit 1 &lt;&amp;&quot;" type=""></flakyFailure></testcase>',
      '<testcase name="t" classname="c"><skipped message="in quarantine: late"></skipped></testcase>',
      '<testcase name="u" classname=""><failure message="f"></failure><rerunFailure message="r" type=""><stackTrace>where</stackTrace></rerunFailure></testcase>',
    ],
  );
  assert.match(text, '<testsuite name="pikaci" tests="3" failures="1" errors="0" skipped="0" flakes="2"');
});

test("files are in the order of their names, and suites of one name are told apart by them", () => {
  const one = (name: string) => `<testsuite name="s"><testcase name="${name}"/></testsuite>`;
  const job = jobWith("named", "passed", {
    "artifacts/c.xml": one("c"),
    "artifacts/B.xml": `<testsuites>${one("b")}<testsuite name="alone"><testcase name="d"/></testsuite></testsuites>`,
    "artifacts/a/c.xml": one("a"),
    "artifacts/none.xml": `<testsuite><testcase name="e"/></testsuite>`,
    "artifacts/nor.xml": `<testsuite><testcase name="f"/></testsuite>`,
  });
  assert.equal(rows(document(finished({ ...start, jobs: [job] }, 0, new Date(1)))).slice(1), [
    "named: B.xml: s | b | passed |  | ",
    "named: alone | d | passed |  | ",
    "named: a/c.xml: s | a | passed |  | ",
    "named: c.xml: s | c | passed |  | ",
    "named: none.xml | e | passed |  | ",
    "named: nor.xml | f | passed |  | ",
  ]);
});

test("places, times and properties come through; files of the workspace by their names there", () => {
  const job = jobWith("placed", "passed", {
    "artifacts/a.xml": `<testsuite name="s" file="/workspace/src/a.ts"><properties><property name="seed" value="1 &lt; 2"/></properties><testcase name="a" line="3" time="1,234.5"><properties><property name="seen" value="\u001b[1m3"/></properties></testcase><testcase name="b" file="/usr/include/b.h"><failure/></testcase></testsuite>`,
    "artifacts/b.tap": `1..1\nok 1 - c\n  ---\n  at: 'file:///workspace/c.mjs:4:1'\n  duration_ms: 250\n  ...\n`,
  });
  const text = document(finished({ ...start, jobs: [job] }, 0, new Date(1)));
  const shown = text.split("\n").filter((line) => /<testcase|^ {4}<properties/.test(line));
  assert.equal(
    shown.slice(1).map((line) => line.trim()),
    [
      '<properties><property name="seed" value="1 &lt; 2"/></properties>',
      '<testcase name="a" classname="" time="1234.500" file="src/a.ts" line="3"><properties><property name="seen" value="3"/></properties></testcase>',
      '<testcase name="b" classname="" file="/usr/include/b.h"><failure message=""></failure></testcase>',
      '<testcase name="c" classname="" time="0.250" file="c.mjs" line="4"/>',
    ],
  );
});

test("files are read as long as they have no more tests or bytes together than a client holds", () => {
  const many = `<testsuite name="s">${"<testcase/>".repeat(600_000)}</testsuite>`;
  const large = `<testsuite name="s"><testcase/></testsuite>${" ".repeat(60_000_000)}`;
  const job = jobWith("much", "passed", {
    "artifacts/a.xml": `<coverage/>${" ".repeat(60_000_000)}`,
    "artifacts/b.xml": many,
    "artifacts/c.xml": many,
    "artifacts/d.xml": large,
    "artifacts/e.xml": large,
    "artifacts/f.xml": `<testsuite name="s"><testcase name="f"/></testsuite>`,
  });
  const suites = suitesOfArtifacts(job, join(directory, "jobs", "much"));
  assert.equal(
    suites.map(({ name, cases }) => [name, cases.length, cases[0]?.message]),
    [
      ["much: b.xml: s", 600_000, ""],
      ["much: c.xml", 1, "more than 1,000,000 tests with the files before it; they are not listed here"],
      ["much: d.xml: s", 1, ""],
      ["much: e.xml", 1, "larger than 100.0 MB with the files before it; its tests are not listed here"],
      ["much: f.xml: s", 1, ""],
    ],
  );
});

test("files in other encodings", () => {
  const job = jobWith("wide", "passed", { "artifacts/a.xml": "", "artifacts/b.tap": "" });
  const place = (path: string) => join(directory, "jobs", "wide", "artifacts", path);
  const xml =
    '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite name="s"><testcase name="\u00e9"/><testcase name="\u00e8"/></testsuite>';
  writeFileSync(place("a.xml"), Buffer.from(xml, "latin1"));
  writeFileSync(place("b.tap"), Buffer.from("\ufeff1..1\r\nok 1 - \u00e9\r\n", "utf16le"));
  assert.equal(rows(document(finished({ ...start, jobs: [job] }, 0, new Date(1)))).slice(1), [
    "wide: s | \u00e9 | passed |  | ",
    "wide: s | \u00e8 | passed |  | ",
    "wide: b.tap | \u00e9 | passed |  | ",
  ]);
});

test("a guest's symlink and a name that is not there are told, not followed", () => {
  const linked = jobWith("linked", "passed", { "artifacts/a.xml": null });
  const gone = {
    ...jobWith("gone", "passed", {}),
    artifacts: [{ path: "b.tap", type: "file" as const, size: 1 }],
  };
  const huge = {
    ...jobWith("huge", "passed", {}),
    artifacts: [{ path: "c.xml", type: "file" as const, size: 1e9 }],
  };
  const text = document(finished({ ...start, jobs: [linked, gone, huge] }, 130, new Date(1)));
  assert.equal(rows(text).slice(3), [
    "linked: a.xml | a.xml | error | cannot be read by this name | ",
    "gone: b.tap | b.tap | error | cannot be read by this name | ",
    "huge: c.xml | c.xml | error | larger than 67.1 MB; its tests are not listed here | ",
  ]);
  assert.not.match(text, "root:");
});

test("a run that ended before it had jobs is an error", () => {
  const error = new UsageError("unknown target", { hint: "look" });
  assert.equal(rows(document(failed(start, error, new Date(1)))), [
    "pikaci | run | error | usage | unknown target\nhint: look",
  ]);
});

test("what took jobs' verdicts away is told beside them, with its hints", () => {
  const jobs = [jobWith("lost", "infra", {})];
  const error = { kind: "infra", message: "gone", hint: "look" };
  assert.equal(rows(document({ ...finished({ ...start, jobs }, 130, new Date(1)), error })).slice(1), [
    "pikaci | run | error | infra | gone\nhint: look\nhint: `pikaci doctor` looks for what would make a run fail, here and on hosts",
  ]);
});

/** As pytest 9.0 and Node 20.20 write it. */
const pytest = (module: string, seconds: string) =>
  `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="0" skipped="0" tests="1" time="${seconds}" timestamp="2026-11-29T21:32:29.289707+00:00" hostname="vm"><testcase classname="tests.${module}" name="test_x" time="${seconds}" /></testsuite></testsuites>`;
const node = (name: string) =>
  `<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n\t<testcase name="${name}" time="0.006984" classname="test"/>\n</testsuites>\n`;

test("shards are one job, and their suites of one name one suite; a part of them is told as it is", () => {
  const shard = (index: number, status: Status) =>
    jobWith(`unit (20, ${index} of 2)`, status, {
      "guest.log": `shard ${index} said it\n`,
      "artifacts/pytest.xml": pytest(`test_${index}`, "0.5"),
      "artifacts/node.xml": node(`of ${index}`),
    });
  const jobs = [shard(2, "failed"), shard(1, "passed"), jobWith("e2e (1 of 2)", "passed", {})];
  const text = document(finished({ ...start, jobs }, 130, new Date(1)));
  assert.equal(rows(text), [
    'pikaci | unit (20) | failed | 1 of 2 shards: 2: exit 1 <&" | unit (20, 2 of 2):\nshard 2 said it',
    "pikaci | e2e (1 of 2) | passed |  | ",
    "unit (20): node.xml | of 1 | passed |  | ",
    "unit (20): node.xml | of 2 | passed |  | ",
    "unit (20): pytest | test_x | passed |  | ",
    "unit (20): pytest | test_x | passed |  | ",
  ]);
});

test.run();
