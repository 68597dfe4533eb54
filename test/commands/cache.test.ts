// needs: nix
// time-limit: 240
import { lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { jobOf, openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("verdicts that are known, and runs again");
const sides = {
  unit: {
    command: "cat src/a; cat src/a >/artifacts/copy; truncate -s 4M /artifacts/holes",
    inputs: ["src/**"],
  },
  twin: { command: "cat src/a; cat src/a >/artifacts/copy", inputs: ["src/**"] },
  all: { command: "cat src/a other" },
  flaky: { command: "echo bad; exit 3" },
  kept: { command: "exit 4", cache: "all" },
  online: { command: "true", network: "host" },
};
test.before.each((context) => {
  const rig = openRig({ PIKACI_NO_CACHE: "" });
  context.rig = rig;
  rig.write({ "src/a": "one\n", other: "two\n" });
  configure(rig, sides);
});
test.after.each(({ rig }) => rig.remove());

function configure(rig: Rig, jobs: object): void {
  rig.configure({
    hosts: {
      local: { url: "local", workDir: join(rig.dir, ".pikaci/work") },
      other: { url: "local", workDir: join(rig.dir, ".pikaci/other") },
    },
    snapshot: { exclude: ["pikaci.config.json"] },
    jobs,
    targets: { default: { jobs: ["unit", "all"] } },
  });
}

async function statuses(rig: Rig, code: number, ...args: string[]): Promise<Record<string, string>> {
  const ended = await rig.pikaci(...args);
  assert.is(ended.code, code, ended.stderr);
  return Object.fromEntries(rig.record().jobs.map(({ job, result }) => [job, result?.status ?? ""]));
}

test("a job that passed on the same inputs is not run again, and its artifacts are there", async ({
  rig,
}) => {
  assert.match(
    (await rig.pikaci("why", "unit")).stdout,
    "unit will run: no verdict of it is remembered here",
  );
  assert.equal(await statuses(rig, 0, "run"), { unit: "passed", all: "passed" });
  const first = rig.record().run_id;
  assert.equal(await statuses(rig, 0, "run"), { unit: "cached", all: "cached" });
  const record = rig.record();
  assert.is(record.status, "cached");
  assert.is(jobOf(record, "unit").result?.message, `passed in run ${first} on local`);
  assert.is(rig.jobFile("unit", "artifacts/copy"), "one\n");
  const { size, blocks } = lstatSync(rig.jobPath("unit", "artifacts/holes"));
  assert.equal([size, blocks], [2 ** 22, 0]);
  const { stderr } = await rig.pikaci("logs", "--job", "unit");
  assert.is(stderr, `no guest log in run ${record.run_id}:\n  unit passed in run ${first} on local\n`);
  assert.is(
    (await rig.pikaci("why", "unit")).stdout,
    `unit will not run: it passed on the same inputs in run ${first}\n`,
  );

  assert.equal(await statuses(rig, 0, "run", "--no-cache"), { unit: "passed", all: "passed" });
  assert.equal(await statuses(rig, 0, "run", "--refresh-cache", "--job", "unit"), { unit: "passed" });
  const refreshed = rig.record().run_id;
  assert.equal(await statuses(rig, 0, "run", "--job", "unit"), { unit: "cached" });
  assert.is(jobOf(rig.record(), "unit").result?.message, `passed in run ${refreshed} on local`);
});

test("a failure under --no-cache forgets the pass that it contradicts, and no other", async ({ rig }) => {
  const command = "test ! -e /cache/state/ran && touch /cache/state/ran";
  configure(rig, { ...sides, unit: { command, caches: ["state"] } });
  assert.equal(await statuses(rig, 0, "run"), { unit: "passed", all: "passed" });
  assert.equal(await statuses(rig, 0, "run"), { unit: "cached", all: "cached" });
  const passed = jobOf(rig.record(), "unit").result?.message?.match(/run (\S+)/)?.[1];
  const contradicted = await rig.pikaci("run", "--no-cache");
  assert.is(contradicted.code, 1, contradicted.stderr);
  const said = `unit failed on the inputs with which it passed in run ${passed}: that verdict is forgotten`;
  assert.match(contradicted.stderr, said);
  assert.equal(await statuses(rig, 1, "run"), { unit: "failed", all: "cached" });
});

test("artifacts that were changed since, or added to, are not handed on: the job runs, with a warning", async ({
  rig,
}) => {
  await statuses(rig, 0, "run", "--job", "unit");
  const first = rig.record().run_id;
  const right = await rig.pikaci("verify");
  assert.is(right.code, 0, right.stdout);
  assert.match(right.stdout, new RegExp(`^run ${first} is as it was recorded: \\d+ things checked\n$`));
  writeFileSync(rig.jobPath("unit", "artifacts/copy"), "evil\n");
  writeFileSync(rig.jobPath("unit", "artifacts/more"), "");
  const { code, stdout } = await rig.pikaci("verify", first);
  assert.is(code, 4);
  assert.match(stdout, "  jobs/unit/artifacts/copy was changed\n  jobs/unit/artifacts/more was added\n");
  const ended = await rig.pikaci("run", "--job", "unit");
  assert.is(jobOf(rig.record(), "unit").result?.status, "passed");
  assert.match(
    ended.stderr,
    `unit runs again: its artifacts of run ${first} are not as recorded: copy was changed, more was added`,
  );
  assert.is(rig.jobFile("unit", "artifacts/copy"), "one\n");
  assert.equal(await statuses(rig, 0, "run", "--job", "unit"), { unit: "cached" });
});

test("two jobs that are alike but for their names have a verdict each", async ({ rig }) => {
  const jobs = ["--job", "unit", "--job", "twin"];
  assert.equal(await statuses(rig, 0, "run", ...jobs), { unit: "passed", twin: "passed" });
  assert.equal(await statuses(rig, 0, "run", ...jobs), { unit: "cached", twin: "cached" });
  assert.is(rig.jobFile("twin", "artifacts/copy"), "one\n");
});

test("a change outside a job's inputs does not run it; why names what changed", async ({ rig }) => {
  await statuses(rig, 0, "run");
  rig.write({ other: "three\n" });
  assert.match(
    (await rig.pikaci("why", "all")).stdout,
    /^all will run: changed since run \S+: files\nlook: /,
  );
  assert.equal(await statuses(rig, 0, "run"), { unit: "cached", all: "passed" });
  configure(rig, { ...sides, unit: { ...sides.unit, env: { A: "b" }, timeout: "5m" } });
  assert.match(
    (await rig.pikaci("why", "unit")).stdout,
    /^unit will run: changed since run \S+: environment, timeout\n$/,
  );
  assert.equal(await statuses(rig, 0, "run"), { unit: "passed", all: "cached" });
});

test("failures run again unless a job wants them cached; a job with a network always runs", async ({
  rig,
}) => {
  const jobs = ["--job", "flaky", "--job", "kept", "--job", "online"];
  await statuses(rig, 1, "run", ...jobs);
  const first = rig.record().run_id;
  await statuses(rig, 1, "run", ...jobs);
  const record = rig.record();
  assert.is(jobOf(record, "flaky").result?.message, "exit 3");
  assert.is(jobOf(record, "kept").result?.message, `exit 4, cached from run ${first} on local`);
  assert.is(jobOf(record, "online").result?.status, "passed");
  assert.match((await rig.pikaci("why", "flaky")).stdout, "it failed in run");
  assert.match((await rig.pikaci("why", "online")).stdout, "its verdicts are not remembered");
  const unknown = await rig.pikaci("why", "flakey");
  assert.is(unknown.code, 2);
  assert.match(unknown.stderr, 'did you mean "flaky"?');
});

test("a run is repeated as it was, though the tree and the configuration have changed", async ({ rig }) => {
  await statuses(rig, 1, "run", "--job", "unit", "--job", "flaky");
  const first = rig.record();
  rig.write({ "src/a": "changed\n" });
  configure(rig, { unit: { command: "exit 9" }, all: sides.all });
  assert.equal(await statuses(rig, 1, "rerun", "--failed"), { flaky: "failed" });
  assert.equal(await statuses(rig, 1, "rerun", first.run_id), { unit: "passed", flaky: "failed" });
  const again = rig.record();
  assert.is(again.snapshot?.content_hash, first.snapshot?.content_hash);
  assert.is(again.snapshot?.outcome, "reused");
  assert.is(rig.jobFile("unit", "guest.log"), "one\n");
});

test("what was passed on to Nix is passed on again, unless the rerun says something else", async ({
  rig,
}) => {
  const nix = () =>
    JSON.parse(readFileSync(join(rig.dir, ".pikaci/runs", rig.record().run_id, "plan.json"), "utf8")).nix;
  await statuses(
    rig,
    0,
    "run",
    "--job",
    "unit",
    "--option",
    "cores",
    "1",
    "--offline",
    "--",
    "--keep-failed",
  );
  const first = nix();
  assert.equal(first, {
    evaluation: ["--option", "cores", "1"],
    manner: ["--offline"],
    rest: ["--keep-failed"],
    impure: false,
  });
  await statuses(rig, 0, "rerun");
  assert.equal(nix(), first);
  await statuses(rig, 0, "rerun", "--max-jobs", "1");
  assert.equal(nix(), { evaluation: [], manner: ["--max-jobs", "1"], rest: [], impure: false });
});

test("another host gets the snapshot from the one that has it", async ({ rig }) => {
  rig.write({ "src/script": "echo run\n" });
  await statuses(rig, 0, "run", "--job", "unit");
  const first = rig.record();
  rig.write({ "src/a": "changed\n" });
  rmSync(join(rig.memory, "manifests"), { recursive: true });
  assert.equal(await statuses(rig, 0, "rerun", first.run_id, "--on", "other"), { unit: "passed" });
  assert.is(rig.record().snapshot?.outcome, "uploaded");
  assert.is(rig.jobFile("unit", "guest.log"), "one\n");
  rmSync(join(rig.dir, ".pikaci/work/snapshots"), { recursive: true });
  rmSync(join(rig.dir, ".pikaci/other/snapshots"), { recursive: true });
  const gone = await rig.pikaci("rerun", first.run_id);
  assert.is(gone.code, 3);
  assert.match(gone.stderr, "is no longer on this host");
  assert.match(gone.stderr, "hint: the run cannot be repeated as it was");
});

test("a run without a failure has none to repeat", async ({ rig }) => {
  await statuses(rig, 0, "run", "--job", "online");
  const ended = await rig.pikaci("rerun", "--failed");
  assert.is(ended.code, 2);
  assert.match(ended.stderr, /has no failed job\n.*leave `--failed` out/);
});

test.run();
