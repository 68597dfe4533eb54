// needs: lab
// time-limit: 600
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { type Lab, openLab } from "./lab.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { eventually, jobOf, openRig, type Rig } from "./rig.ts";
import { verifyHost } from "./verify.ts";

const test = suite<{ lab: Lab; rig: Rig }>("lab/retries");
const SMALL = "/small";

const jobs = {
  flaky: { command: "echo this is $PIKACI_ATTEMPT; [ $PIKACI_ATTEMPT = 2 ]", retries: 1 },
  waits: { command: "[ $PIKACI_ATTEMPT = 2 ] || exit 1; echo waiting; sleep 600", retries: 5 },
  filled: { command: "echo began; sleep 8; exit 1", retries: 3 },
  tests: {
    command: `cat >/artifacts/junit.xml <<'END'
<testsuite name="s"><testcase classname="db" name="connects slowly"><failure message="late"/></testcase><testcase classname="db" name="reads"/></testsuite>
END
exit 1`,
    quarantine: ["db > connects*"],
  },
};

test.before(async (context) => {
  process.env.TMPDIR = makeDirectory();
  context.lab = await openLab(["multi"]);
  await context.lab.multi.mountSmallDisk(SMALL, "24m");
  context.rig = openRig({ NIX_SSHOPTS: context.lab.sshOptions, PIKACI_NO_CACHE: "" });
  const { url } = context.lab.multi;
  context.rig.configure({
    host: "there",
    hosts: { there: { url, lease: "6s" }, small: { url, workDir: SMALL } },
    jobs,
  });
});
test.after(async ({ lab, rig }) => {
  rig.remove();
  removeWorkspaces();
  await lab.stop();
});

const attemptsOf = (rig: Rig, job: string) =>
  jobOf(rig.record(), job).result?.attempts?.map(({ status }) => status);

test("a job that passes at its second attempt is flaky: shown, counted, exit 0, never cached, and `why` says so", async ({
  rig,
}) => {
  const events = join(rig.dir, "events");
  const words = ["run", "--job", "flaky", "--events", events, "--junit", join(rig.dir, "junit.xml")];
  const first = await rig.pikaci(...words);
  assert.is(first.code, 0, first.stderr);
  assert.match(first.stderr, /attempt 2 of 2 {2}flaky; the one before: exit 1/);
  assert.match(first.stderr, /↻ flaky {2}flaky in .*: exit 0 at attempt 2 of 2; the attempt before: exit 1/);
  assert.match(first.stderr, "1 flaky job: flaky");
  assert.match(first.stderr, /↻ flaky {2}run /);
  assert.equal(attemptsOf(rig, "flaky"), ["failed", "passed"]);
  assert.equal([rig.record().status, rig.record().exit_code], ["flaky", 0]);
  assert.match(rig.jobFile("flaky", "guest.log"), /^this is 1\n── .* ──\nthis is 2\n$/);
  assert.match(
    readFileSync(join(rig.dir, "junit.xml"), "utf8"),
    /<testcase name="flaky" .*><flakyFailure message="exit 1" type=""><\/flakyFailure><\/testcase>/,
  );
  const told = readFileSync(events, "utf8")
    .trim()
    .split("\n")
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter(({ type }) => type === "job-attempt");
  assert.equal(
    told.map(({ job, attempt, of, reason }) => [job, attempt, of, reason]),
    [["flaky", 2, 2, "exit 1"]],
  );
  const why = await rig.pikaci("why", "flaky");
  assert.match(why.stdout, /flaky in run \S+, and a flaky verdict is never remembered/);
  const again = await rig.pikaci("run", "--job", "flaky", "--fail-on-flaky");
  assert.is(again.code, 1, again.stderr);
  assert.equal([rig.record().status, rig.record().exit_code], ["flaky", 1]);
  const failed = await rig.pikaci("rerun", "--failed");
  assert.match(failed.stderr, "has no failed job");
});

test("a failure of tests in quarantine is flaky, with their names", async ({ rig }) => {
  const ended = await rig.pikaci("run", "--job", "tests", "--junit", join(rig.dir, "junit.xml"));
  assert.is(ended.code, 0, ended.stderr);
  const { result } = jobOf(rig.record(), "tests");
  assert.equal([result?.status, result?.exit_code], ["flaky", 1]);
  assert.equal(result?.quarantined, ["db > connects slowly"]);
  assert.is(result?.message, 'exit 1; only tests in quarantine failed: "db > connects slowly"');
  assert.match(readFileSync(join(rig.dir, "junit.xml"), "utf8"), /<skipped message="in quarantine: late">/);
});

test("a client that is killed at the second attempt leaves nothing, and the job does not go on", async ({
  lab,
  rig,
}) => {
  const before = await leftNow(lab.multi);
  const { child, ended } = rig.start("run", "--job", "waits");
  await eventually("the second attempt", 90, () =>
    /waiting/.test(rig.jobFile("waits", "guest.log")) ? true : null,
  );
  child.kill("SIGKILL");
  await ended;
  await nothingLeft(lab.multi, before, 15);
});

test("a detached job tries again without a client; attach has the log in order, and the flaky verdict", async ({
  rig,
}) => {
  const left = await rig.pikaci("run", "--job", "flaky", "--detach");
  assert.is(left.code, 0, left.stderr);
  const attached = await rig.pikaci("attach", "--fail-on-flaky");
  assert.is(attached.code, 1, attached.stderr);
  assert.equal(attemptsOf(rig, "flaky"), ["failed", "passed"]);
  assert.match(rig.jobFile("flaky", "guest.log"), /^this is 1\n── .* ──\nthis is 2\n$/);
});

test("a disk that is filled between two attempts is infra, with the attempt that there was", async ({
  lab,
  rig,
}) => {
  const { ended } = rig.start("run", "--job", "filled", "--on", "small");
  await eventually("it runs", 90, () => (rig.jobFile("filled", "guest.log") === "began\n" ? true : null));
  // No inode is left: what the first attempt made would give room for the second.
  const used = `$(df --output=iused ${SMALL} | tail -n 1 | tr -d ' ')`;
  const limited = await lab.multi.exec(`mount -o remount,nr_inodes=${used} ${SMALL}`);
  assert.is(limited.exitCode, 0, limited.stderr);
  const { code, stderr } = await ended;
  assert.is(code, 3, stderr);
  assert.match(
    jobOf(rig.record(), "filled").result?.message ?? "",
    /^disk: attempt 2 of 4 could not be made/,
  );
  assert.equal(attemptsOf(rig, "filled"), ["failed"]);
  await lab.multi.exec(`mount -o remount,nr_inodes=100000 ${SMALL}`);
});

test("in the end its store and its published trees are whole", ({ lab }) => verifyHost(lab.multi));

test.run();
