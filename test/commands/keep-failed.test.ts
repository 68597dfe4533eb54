// needs: nix
// time-limit: 240
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { jobOf, openRig, type Rig } from "../lab/rig.ts";
import { removeWorkspaces } from "../workspace.ts";

const test = suite<{ rig: Rig }>("--keep-failed on this machine");
test.before((context) => {
  const rig = openRig({});
  context.rig = rig;
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: {
      bad: {
        command: "echo changed >file; mkdir made; rm gone; echo part >/artifacts/part; exit 3",
        workspace: "private",
      },
      slow: { command: "echo part >/artifacts/part; sleep 600", timeout: "1s" },
      good: { command: "echo part >/artifacts/part" },
    },
  });
  rig.write({ file: "first\n", gone: "" });
});
test.after(({ rig }) => {
  rig.remove();
  removeWorkspaces();
});

const workDir = ({ dir }: Rig) => join(dir, ".pikaci/work");
const runDir = (rig: Rig) => join(workDir(rig), "runs", rig.record().run_id);
const jobDir = (rig: Rig, job: string) => join(runDir(rig), "jobs", job);

/** Moves the end of a kept job's time into the past. */
function expire(rig: Rig, job: string): void {
  const file = join(jobDir(rig, job), "kept");
  writeFileSync(file, readFileSync(file, "utf8").replace(/^\d+/, "1"));
}

test("a failed job can be entered as it was left: its workspace, its artifacts, its environment", async ({
  rig,
}) => {
  const run = await rig.pikaci("run", "--keep-failed", "30m", "--job", "bad", "--events", "events");
  assert.is(run.code, 1, run.stderr);
  const { kept_until: until = "" } = jobOf(rig.record(), "bad");
  const minutes = (Date.parse(until) - Date.parse(rig.record().finished_at ?? "")) / 60_000;
  assert.ok(minutes > 25 && minutes < 35, until);
  assert.match(run.stderr, `bad is kept until ${until}: pikaci shell bad --run ${rig.record().run_id}`);
  const events = readFileSync(join(rig.dir, "events"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const kept = events.find(({ type }) => type === "job-kept");
  assert.equal([kept.job, kept.run_id, kept.until], ["bad", rig.record().run_id, until]);

  const look = "cat file; ls; cat /artifacts/part; echo more >/artifacts/more; echo lost >file";
  const shell = () => rig.pikaci("shell", "-q", "bad", "--run", "latest", "--", "sh", "-c", look);
  const expected = "changed\nfile\nmade\npikaci.config.json\npart\n";
  const [first, second] = [await shell(), await shell()];
  assert.equal([first.code, first.stdout], [0, expected], first.stderr);
  assert.is(second.stdout, expected);
  assert.ok(existsSync(join(jobDir(rig, "bad"), "artifacts/more")), "the artifacts are the job's own");
});

test("a collection takes neither the run nor its snapshot before that time", async ({ rig }) => {
  const { code, stdout } = await rig.pikaci(
    ...["gc", "--on", "local", "--json", "--keep-last", "0", "--keep-failed", "0", "--max-age", "1s"],
  );
  assert.is(code, 0);
  const items: { kind: string; remove: boolean; why: string }[] = JSON.parse(stdout).flatMap(
    ({ place, items: these }: { place: string; items: object[] }) => (place === "local" ? these : []),
  );
  const why = (kind: string) => items.filter((one) => one.kind === kind).map((one) => one.why);
  const reason = "one of its failed jobs is kept for `pikaci shell`";
  assert.equal([why("runs"), why("snapshots")], [[reason], [reason]]);
});

test("what a shell is in stays when its time is over", async ({ rig }) => {
  const { child, ended } = rig.startPiped("shell", "-q", "bad", "--run", "latest");
  const file = join(jobDir(rig, "bad"), "kept");
  const text = readFileSync(file, "utf8");
  child.stdin?.write("echo begun\n");
  await new Promise((begun) => child.stdout?.once("data", begun));
  expire(rig, "bad");
  assert.is((await rig.pikaci("doctor", "--on", "local")).code, 0);
  child.stdin?.end("cat file\n");
  assert.is((await ended).stdout, "begun\nchanged\n");
  assert.ok(existsSync(file));
  writeFileSync(file, text);
});

test("after its time the next session removes it, and the shell says that it has the snapshot alone", async ({
  rig,
}) => {
  const dir = jobDir(rig, "bad");
  expire(rig, "bad");
  const { code, stderr } = await rig.pikaci("shell", "-q", "bad", "--run", "latest", "--", "true");
  assert.is(code, 3, stderr);
  assert.match(stderr, /what the job left is no longer on this host: \S+\/jobs\/bad/);
  assert.match(stderr, /hint: .*`--keep-failed 2h` of `pikaci run` keeps it longer/);
  assert.equal(
    readdirSync(dir).filter((name) => /^(kept|artifacts|workspace)/.test(name)),
    [],
  );
  assert.ok(existsSync(join(dir, "result.json")));
});

test("when its time is over by the record too, it is opened with a warning", async ({ rig }) => {
  const { run_id, jobs } = rig.record();
  rig.alter(run_id, { jobs: jobs.map((job) => ({ ...job, kept_until: "2026-01-01T00:00:00.000Z" })) });
  const { code, stdout, stderr } = await rig.pikaci(
    "shell",
    "-q",
    "bad",
    "--run",
    "latest",
    "--",
    "cat",
    "file",
  );
  assert.equal([code, stdout], [0, "first\n"], stderr);
  assert.match(
    stderr,
    "what job bad left was kept on local until 2026-01-01T00:00:00.000Z; this is its snapshot alone",
  );
});

test("a timeout is kept as well, a pass is not", async ({ rig }) => {
  const { code, stderr } = await rig.pikaci(
    "run",
    "-q",
    "--keep-failed",
    "1h",
    "--job",
    "slow",
    "--job",
    "good",
  );
  assert.is(code, 124, stderr);
  assert.equal(
    [jobOf(rig.record(), "slow").kept_until === undefined, jobOf(rig.record(), "good").kept_until],
    [false, undefined],
  );
  const kept = (job: string) => existsSync(join(jobDir(rig, job), "artifacts/part"));
  assert.equal([kept("slow"), kept("good")], [true, false]);
});

test("without the option nothing is kept", async ({ rig }) => {
  assert.is((await rig.pikaci("run", "-q", "--job", "bad")).code, 1);
  assert.is(jobOf(rig.record(), "bad").kept_until, undefined);
  assert.equal(
    readdirSync(jobDir(rig, "bad")).filter((name) => /^(kept|artifacts|workspace)/.test(name)),
    [],
  );
});

test("a duration that is none is refused", async ({ rig }) => {
  const { code, stderr } = await rig.pikaci("run", "--keep-failed", "soon");
  assert.is(code, 2);
  assert.match(stderr, /--keep-failed: cannot read "soon"/);
  assert.match(stderr, /hint: write it as "90s", "30m", "2h"/);
});

test.run();
