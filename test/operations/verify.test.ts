import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatVerification } from "../../src/commands/verify.ts";
import { parseConfig } from "../../src/config/load.ts";
import { plainHost } from "../../src/config/project.ts";
import { toPath } from "../../src/core/byte-path.ts";
import { UsageError } from "../../src/core/errors.ts";
import { parseHostUrl, parseJobName, parseRunId } from "../../src/core/ids.ts";
import { NO_SOURCE } from "../../src/core/no-source.ts";
import type { Plan } from "../../src/core/plan.ts";
import { verifyRun } from "../../src/operations/verify.ts";
import { NO_HOST_PARTS } from "../../src/runs/host-view.ts";
import { keyParts, verdictKey } from "../../src/runs/key.ts";
import { Recorder } from "../../src/runs/recorder.ts";
import { rememberJob } from "../../src/runs/remember-job.ts";
import { closedJob, pendingJob } from "../../src/runs/transitions.ts";
import { putVerdict } from "../../src/runs/verdicts.ts";
import { blake3Hex } from "../../src/system/blake3.ts";
import { assemble } from "../../src/tree/manifest/assemble.ts";
import { putManifest } from "../../src/tree/manifest/store.ts";
import { makeContext, removeWorkspaces } from "../workspace.ts";

const test = suite("a run's record, checked again");
test.after(removeWorkspaces);

const runId = parseRunId("20260101T000000Z-0123abcd");
const host = parseHostUrl("local");
const unit = parseJobName("unit");
const [spec] = Object.values(
  parseConfig({ jobs: { unit: { command: "true", inputs: ["src/**"] } } }, "/w", null).jobs,
);
if (spec === undefined) throw new Error("the configuration has a job");
const nix = { evaluation: [], manner: [], rest: [], impure: false };
const plan: Plan = { schema_version: 1, project_id: "p", target: null, host, nix, nodes: [], skipped: [] };

const entries = ["other", "src/a"].map((path) => ({
  ...{ path: toPath(path), type: "file" as const, size: 3, stat: "" },
  digest: blake3Hex(Buffer.from("one")),
}));
const hashed = assemble({ workspace: "/w", source: NO_SOURCE, entries, leftOut: [] }, entries);
const parts = keyParts(spec, hashed, {
  prepared: {},
  runner: "runner system",
  machine: "",
  git: "",
  host: NO_HOST_PARTS,
});

/** A run that is under way, of one job that has passed and is remembered. */
function underWay() {
  const context = makeContext();
  const recorder = new Recorder(
    { runId, projectId: "p", host: plainHost(host, host), onFailure: () => {} },
    context,
  );
  recorder.begin(
    plan,
    [spec].filter((one) => one !== undefined),
  );
  recorder.hashed(hashed);
  putManifest(context.memory, hashed.contentHash, hashed.manifest, new Date());
  recorder.key(unit, { untrusted: false, purpose: "remember", parts });
  recorder.emit({ type: "host-log", job: null, line: "said" });
  recorder.emit({ type: "job-log", job: unit, data: Buffer.from("log\n") });
  const directory = recorder.jobDirectory(unit);
  mkdirSync(join(directory, "artifacts/empty"), { recursive: true });
  writeFileSync(join(directory, "artifacts/report"), "good");
  const { result, ...rest } = closedJob(pendingJob(unit), runId, {
    status: "passed",
    message: "exit 0",
    at: new Date(0),
  });
  if (result === null) throw new Error("a closed job has a result");
  const record = { ...rest, result: { ...result, exit_code: 0 } };
  recorder.job(record);
  rememberJob(record, recorder, context);
  const memory = context.memory.directory ?? "";
  return { context, recorder, run: recorder.directory, memory };
}

function ended() {
  const all = underWay();
  all.recorder.finish(null);
  return all;
}

type Place = ReturnType<typeof ended>;

/** The record of a run that goes on is written a little later than it changes. */
async function soon<T>(look: () => T, expected: T): Promise<void> {
  for (let tries = 0; tries < 200 && !isDeepStrictEqual(look(), expected); tries += 1) await sleep(20);
  assert.equal(look(), expected);
}

test("a run that nobody touched is as it was recorded, and all of it is checked", () => {
  const { context } = ended();
  const found = verifyRun("latest", context);
  assert.equal(found, { run: runId, right: 12, wrong: [], unchecked: [] });
  assert.equal(formatVerification(found), [`run ${runId} is as it was recorded: 12 things checked`]);
});

const inRun = (change: (path: string) => void, name: string) => (place: Place) =>
  change(join(place.run, name));
const more = (path: string) => appendFileSync(path, "x");
const gone = (path: string) => rmSync(path, { recursive: true });
const add = (path: string) => writeFileSync(path, "new");
const ARTIFACTS = "jobs/unit/artifacts";
const SNAPSHOT = `the snapshot ${hashed.contentHash}`;

/** Rewrites a JSON document. */
const edit = (change: (document: Record<string, unknown>) => object) => (path: string) =>
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")))));

const verdictFile = ({ memory }: Place) => join(memory, "verdicts", `${verdictKey(parts)}.json`);
const manifestFile = ({ memory }: Place) => join(memory, "manifests", hashed.contentHash);

const damages: readonly (readonly [what: string, why: string, damage: (place: Place) => void])[] = [
  ...[
    "plan.json",
    "host.log",
    "events.jsonl",
    "jobs/unit/job.json",
    "jobs/unit/verdict-key.json",
    "jobs/unit/result.json",
    "jobs/unit/guest.log",
    `${ARTIFACTS}/report`,
  ].flatMap((name): [string, string, (place: Place) => void][] => [
    [name, "was changed", inRun((path) => writeFileSync(path, "{}"), name)],
    [name, "is gone", inRun(gone, name)],
  ]),
  ["jobs/unit/guest.log", "was changed", inRun(more, "jobs/unit/guest.log")],
  [
    "events.jsonl",
    "has more lines than the run wrote",
    inRun((path) => appendFileSync(path, '{"type":"x"}\n'), "events.jsonl"),
  ],
  [`${ARTIFACTS}/report`, "was changed", inRun((path) => chmodSync(path, 0o755), `${ARTIFACTS}/report`)],
  [
    `${ARTIFACTS}/report`,
    "was changed",
    inRun((path) => {
      rmSync(path);
      symlinkSync("/etc/passwd", path);
    }, `${ARTIFACTS}/report`),
  ],
  [`${ARTIFACTS}/empty`, "is gone", inRun(gone, `${ARTIFACTS}/empty`)],
  [`${ARTIFACTS}/more`, "was added", inRun(add, `${ARTIFACTS}/more`)],
  [`${ARTIFACTS}/two\\x0alines`, "was added", inRun(add, `${ARTIFACTS}/two\nlines`)],
  ["more.json", "was added", inRun(add, "more.json")],
  ["constructor", "was added", inRun(add, "constructor")],
  ["jobs/unit/host.log", "was added", inRun(add, "jobs/unit/host.log")],
  [
    "run.json",
    "has no seal of this account",
    inRun(
      edit((record) => ({ ...record, status: "failed" })),
      "run.json",
    ),
  ],
  [
    "run.json",
    "has no seal of this account",
    inRun(
      edit(({ mac: _, ...record }) => record),
      "run.json",
    ),
  ],
  [
    "run.json",
    "has no seal of this account",
    inRun(
      edit((record) => ({ ...record, digests: {} })),
      "run.json",
    ),
  ],
  ["run.json", "is broken: run.json: is not JSON", inRun((path) => writeFileSync(path, "{"), "run.json")],
  ["run.json", "is broken: run.json: ENOENT", inRun(gone, "run.json")],
  [
    "the verdict of unit",
    "is not as this account remembered it",
    (place) => edit((verdict) => ({ ...verdict, exit_code: 1 }))(verdictFile(place)),
  ],
  [
    "the verdict of unit",
    "is not as this account remembered it",
    (place) => writeFileSync(verdictFile(place), ""),
  ],
  [SNAPSHOT, "its remembered manifest has another hash", (place) => more(manifestFile(place))],
];

for (const [what, why, damage] of damages)
  test(`${what} ${why}`, () => {
    const place = ended();
    damage(place);
    const { wrong } = verifyRun(runId, place.context);
    assert.is(wrong[0]?.what, what);
    assert.match(wrong[0]?.why ?? "", why);
    // A key that was changed names no verdict.
    assert.is(wrong.length, 1, JSON.stringify(wrong));
  });

test("all that is wrong is named, and what cannot be checked", () => {
  const place = ended();
  more(join(place.run, "plan.json"));
  gone(join(place.run, ARTIFACTS));
  rmSync(join(place.memory, "verdicts"), { recursive: true });
  rmSync(manifestFile(place));
  const found = verifyRun("latest", place.context);
  assert.equal(formatVerification(found), [
    `run ${runId} is not as it was recorded: 3 of 10 things`,
    `  ${ARTIFACTS}/empty is gone`,
    `  ${ARTIFACTS}/report is gone`,
    "  plan.json was changed",
    "  not checked: the verdict of unit is not remembered",
    `  not checked: ${SNAPSHOT} its manifest is no longer remembered`,
  ]);
});

test("another account's run, and another workspace's, is none of this one's", () => {
  const { context } = ended();
  const others = [
    { ...context.memory, key: Buffer.alloc(32, 9) },
    { ...context.memory, workspaceId: "1".repeat(64) },
  ];
  for (const memory of others) {
    const { wrong } = verifyRun("latest", { ...context, memory });
    assert.equal([wrong.length, wrong[0]?.what], [1, "run.json"]);
  }
});

test("of a run that has not ended, logs are not checked; what is recorded of it is", async () => {
  const { context, run } = underWay();
  await soon(() => verifyRun("latest", context).wrong, []);
  const { unchecked } = verifyRun("latest", context);
  assert.equal(
    unchecked.map(({ what }) => what),
    ["host.log", "jobs/unit/guest.log", "events.jsonl"],
  );
  add(join(run, ARTIFACTS, "more"));
  more(join(run, "plan.json"));
  assert.equal(
    verifyRun("latest", context).wrong.map(({ what }) => what),
    [`${ARTIFACTS}/more`, "plan.json"],
  );
});

test("what later commands put beside a run is not its own", () => {
  const { context, run } = ended();
  for (const name of ["pinned", "report.html"]) add(join(run, name));
  assert.equal(verifyRun("latest", context).wrong, []);
});

test("a verdict that a later run has replaced is that run's", () => {
  const place = ended();
  const later = new Recorder(
    {
      runId: parseRunId("20260102T000000Z-0123abcd"),
      projectId: "p",
      host: plainHost(host, host),
      onFailure: () => {},
    },
    place.context,
  );
  later.begin(
    plan,
    [spec].filter((one) => one !== undefined),
  );
  later.key(unit, { untrusted: false, purpose: "remember", parts });
  const { result, ...rest } = closedJob(pendingJob(unit), later.runId, {
    status: "failed",
    message: "exit 1",
    at: new Date(0),
  });
  if (result === null) throw new Error("a closed job has a result");
  later.job({ ...rest, result: { ...result, exit_code: 1 } });
  rememberJob({ ...rest, result: { ...result, exit_code: 1 } }, later, place.context);
  const { wrong, unchecked } = verifyRun(runId, place.context);
  assert.equal(wrong, []);
  assert.match(unchecked[0]?.why ?? "", `was replaced by that of run ${later.runId}`);
});

test("what this account has sealed itself has to agree, too", async () => {
  const place = ended();
  const { recorder, context } = place;
  const [job] = recorder.record.jobs;
  if (job === undefined || job.result === null) throw new Error("the job has a result");
  const why = (what: string) => verifyRun("latest", context).wrong.find((one) => one.what === what)?.why;
  const worse = { ...job, result: { ...job.result, status: "failed" as const, exit_code: 2 } };
  putVerdict(context, "trusted", {
    ...{ runId, record: worse, parts },
    digests: recorder.artifactDigests(unit),
  });
  assert.is(why("the verdict of unit"), "is failed (exit 2), and the record says otherwise");
  putVerdict(context, "trusted", { runId, record: job, parts, digests: {} });
  assert.is(why("the verdict of unit"), "names other artifacts than the record");
  recorder.hashed({ ...hashed, fileCount: 1 });
  await soon(() => why(SNAPSHOT), "the record counts other files or bytes than its manifest has");
  recorder.hashed(hashed);
  recorder.key(unit, { untrusted: false, purpose: "remember", parts: { ...parts, files: "0".repeat(64) } });
  await soon(() => why(SNAPSHOT), "the files that unit was said to depend on are not those of its manifest");
});

test("a run that remembers nothing has no verdict to compare", async () => {
  const { recorder, context } = underWay();
  recorder.key(unit, { untrusted: false, purpose: "contradict", parts: { ...parts, command: "other" } });
  await soon(() => verifyRun("latest", context).wrong, []);
  const { unchecked } = verifyRun("latest", context);
  assert.not(unchecked.some(({ what }) => what.includes("verdict")));
});

test("there has to be such a run", () => {
  assert.throws(
    () => verifyRun("latest", makeContext()),
    (error: unknown) => error instanceof UsageError,
  );
});

test.run();
