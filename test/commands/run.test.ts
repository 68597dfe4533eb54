// needs: nix
// time-limit: 300
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { eventually, openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("runs on this machine");
test.before.each((context) => {
  const rig = openRig({});
  context.rig = rig;
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: {
      noisy: { command: "printf 'plain\\n\\033[31mred\\033[0m\\n::error::x\\n'" },
      other: { command: "echo other" },
      endless: { command: "echo begun; trap '' TERM; while :; do sleep 1; done" },
      chatty: { command: "while :; do echo more; sleep 0.2; done" },
      ticking: { command: "for n in 1 2 3; do echo tick $n; sleep 1; done" },
      slow: { command: "sleep 600", timeout: "1s" },
    },
    targets: { default: { jobs: ["noisy", "other"] } },
  });
});
test.after.each(({ rig }) => rig.remove());

async function begun(rig: Rig, job: string): Promise<void> {
  await eventually(`${job} has begun`, 60, () => {
    try {
      return rig.jobFile(job, "guest.log") === "" ? null : true;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      throw error;
    }
  });
}

test("an artifact whose path is too long here changes no verdict, and is named", async ({ rig }) => {
  const command =
    "echo kept >/artifacts/kept; cd /artifacts; name=$(printf %0250d 0); for _ in 0 1 2 3 4 5 6 7 8 9 a b c d e f g; do mkdir $name; cd $name; done; true";
  rig.configure({ jobs: { deep: { command } } });
  const ran = await rig.pikaci("run", "--on", "local");
  assert.is(ran.code, 0, ran.stderr);
  assert.match(
    ran.stderr,
    /artifacts of deep were not kept: \S{100,200} this machine's disk cannot hold its name/,
  );
  assert.is(rig.jobFile("deep", "artifacts/kept"), "kept\n");
  const [job] = rig.record().jobs;
  assert.match(job?.artifacts_left_out.join() ?? "", "ENAMETOOLONG");
});

test("progress is on stderr; logs, list and status are data on stdout", async ({ rig }) => {
  const ran = await rig.pikaci("run");
  assert.equal([ran.code, ran.stdout], [0, ""]);
  assert.match(ran.stderr, /run \S+ of default on local: noisy, other/);
  assert.match(ran.stderr, "noisy │ : :error::x\n");
  const { run_id } = rig.record();

  const both = await rig.pikaci("logs");
  assert.equal([both.code, both.stderr], [0, ""]);
  assert.is(both.stdout, "noisy │ plain\nnoisy │ red\nnoisy │ : :error::x\nother │ other\n");
  assert.is((await rig.pikaci("logs", run_id.slice(0, -2), "--job", "other")).stdout, "other\n");
  const raw = await rig.pikaci("logs", "--job", "noisy", "--raw");
  assert.is(raw.stdout, "plain\n\x1b[31mred\x1b[0m\n::error::x\n");
  const from = await rig.pikaci("logs", "--job", "noisy", "--raw", "--from", "6");
  assert.is(from.stdout, "\x1b[31mred\x1b[0m\n::error::x\n");
  for (const [args, message] of [
    [["--from", "6"], "--from needs a single log, not 2"],
    [["--job", "noisy", "--kind", "both", "--from", "6"], "--from needs a single log"],
    [["--job", "noisy", "--from", "x"], '--from: expected a whole number, not "x"'],
  ] as const) {
    const wrong = await rig.pikaci("logs", ...args);
    assert.is(wrong.code, 2);
    assert.match(wrong.stderr, message);
  }
  const unknown = await rig.pikaci("logs", "--job", "nosy");
  assert.is(unknown.code, 2);
  assert.match(unknown.stderr, `has no job "nosy" (did you mean "noisy"?)`);

  const status = await rig.pikaci("status");
  assert.match(status.stdout, "verdict   ✔ passed (exit code 0)\n");
  assert.is(JSON.parse((await rig.pikaci("status", "--json")).stdout).run_id, run_id);
  assert.match((await rig.pikaci("list")).stdout, new RegExp(`^${run_id}  ✔ passed  default  local  `));
});

test("a timeout is exit 124, and the record says which", async ({ rig }) => {
  assert.is((await rig.pikaci("run", "--job", "slow", "--job", "other")).code, 124);
  assert.equal(
    rig.record().jobs.map((job) => job.result?.status),
    ["timeout", "passed"],
  );
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 143],
] as const) {
  test(`${signal} cancels and cleans up: exit ${code}`, async ({ rig }) => {
    const { child, ended } = rig.start("run", "--job", "endless");
    await begun(rig, "endless");
    child.kill(signal);
    const { code: exit, stderr } = await ended;
    assert.is(exit, code);
    assert.match(stderr, "cancelling and cleaning up");
    const record = rig.record();
    assert.equal([record.state, record.status, record.exit_code], ["finished", "cancelled", code]);
    assert.is(record.jobs[0]?.result?.message, "cancelled by the client");
  });
}

/** The client's host programs that are under way; the guard is at work in its job's directory. */
function hostProgram(client: number, which: "guard" | "session"): number {
  const children = readFileSync(`/proc/${client}/task/${client}/children`, "utf8")
    .trim()
    .split(" ")
    .map(Number);
  const found = children.find((pid) => {
    const inJob = readlinkSync(`/proc/${pid}/cwd`).endsWith("/jobs/endless");
    const isProgram = readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith("sh\0-c\0eval");
    return isProgram && inJob === (which === "guard");
  });
  if (found === undefined) throw new Error(`no ${which} among ${children}`);
  return found;
}

/** Processes around a guest have its run id in their environment. */
function processesOf(runId: string): number {
  const holds = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").includes(runId);
    } catch {
      return false;
    }
  };
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && holds(name)).length;
}

for (const which of ["guard", "session"] as const) {
  test(`kill -9 of the ${which} on this machine: infra, and the guest is gone`, async ({ rig }) => {
    const { child, ended } = rig.start("run", "--job", "endless");
    await begun(rig, "endless");
    assert.ok(processesOf(rig.record().run_id) > 0);
    process.kill(hostProgram(child.pid ?? 0, which), "SIGKILL");
    const { code, stderr } = await ended;
    assert.is(code, 3, stderr);
    const { state, status, error } = rig.record();
    assert.equal([state, status, error?.kind], ["finished", "infra", "infra"]);
    assert.is(error?.message, `the program \`${which}\` was killed on this machine`);
    assert.match(stderr, "hint: run the command again");
    await eventually("nothing of the run is left", 5, () =>
      processesOf(rig.record().run_id) === 0 ? true : null,
    );
  });
}

test("a second signal leaves at once", async ({ rig }) => {
  const { child, ended } = rig.start("run", "--job", "endless");
  await begun(rig, "endless");
  child.kill("SIGINT");
  child.kill("SIGTERM");
  const { code } = await ended;
  assert.ok(code === 130 || code === 143);
});

test("a run whose progress nobody reads any more is cancelled", async ({ rig }) => {
  const { child, ended } = rig.start("run", "--job", "chatty");
  await begun(rig, "chatty");
  child.stderr?.destroy();
  assert.is((await ended).code, 143);
  assert.equal([rig.record().state, rig.record().status], ["finished", "cancelled"]);
});

test("a killed client's run is listed as cancelled", async ({ rig }) => {
  const { child, ended } = rig.start("run", "--job", "endless");
  await begun(rig, "endless");
  assert.match((await rig.pikaci("list")).stdout, "… running");
  child.kill("SIGKILL");
  await ended;
  assert.match((await rig.pikaci("list")).stdout, "■ cancelled");
  assert.match((await rig.pikaci("status")).stdout, "client was killed");
  assert.is(rig.record().state, "finished");
});

test("logs -f goes on until the run ends", async ({ rig }) => {
  const run = rig.start("run", "--job", "ticking");
  await begun(rig, "ticking");
  const [followed, later] = await Promise.all([
    rig.pikaci("logs", "-f"),
    rig.pikaci("logs", "-f", "--from", "7"),
  ]);
  assert.equal([followed.code, followed.stdout], [0, "tick 1\ntick 2\ntick 3\n"]);
  assert.equal([later.code, later.stdout], [0, "tick 2\ntick 3\n"]);
  assert.is((await run.ended).code, 0);
});

test("there is a run once its configuration is read, and not before", async ({ rig }) => {
  rig.write({
    "slow.config.mjs": `import { existsSync, writeFileSync } from "node:fs";
      writeFileSync("${rig.dir}/reading", "");
      while (!existsSync("${rig.dir}/go")) await new Promise((done) => setTimeout(done, 50));
      export default ${readFileSync(join(rig.dir, "pikaci.config.json"), "utf8")};`,
  });
  const run = rig.start("run", "--config", "slow.config.mjs", "--job", "noisy");
  await eventually("the configuration is read", 60, () =>
    existsSync(join(rig.dir, "reading")) ? true : null,
  );
  assert.match((await rig.pikaci("list")).stderr, "no runs in this workspace");
  rig.write({ go: "" });
  assert.is((await run.ended).code, 0);
  assert.is(rig.record().status, "passed");
});

test("a run that is cancelled while its configuration is read is none: exit 130", async ({ rig }) => {
  rig.write({
    "slow.config.mjs": `import { writeFileSync } from "node:fs";
      writeFileSync("${rig.dir}/reading", "");
      await new Promise((done) => setTimeout(done, 3000));
      export default ${readFileSync(join(rig.dir, "pikaci.config.json"), "utf8")};`,
  });
  const { child, ended } = rig.start("run", "--config", "slow.config.mjs", "--job", "noisy");
  await eventually("the configuration is read", 60, () =>
    existsSync(join(rig.dir, "reading")) ? true : null,
  );
  child.kill("SIGINT");
  assert.is((await ended).code, 130);
  assert.not(existsSync(join(rig.dir, ".pikaci/runs")));
});

test("logs -f of a detached run says who follows it, and ends", async ({ rig }) => {
  assert.is((await rig.pikaci("run", "--job", "ticking", "--detach")).code, 0);
  const { run_id } = rig.record();
  const { code, stderr } = await rig.pikaci("logs", "-f");
  assert.is(code, 0);
  assert.match(stderr, `run ${run_id} goes on without a client; \`pikaci attach ${run_id}\` follows it\n`);
  assert.is((await rig.pikaci("attach")).code, 0);
  assert.is((await rig.pikaci("logs", "-f")).stdout, "tick 1\ntick 2\ntick 3\n");
});

test("logs -f of a run that goes on ends by Ctrl-C", async ({ rig }) => {
  const run = rig.start("run", "--job", "endless");
  await begun(rig, "endless");
  const follow = rig.start("logs", "-f");
  await new Promise((resolve) => follow.child.stdout?.once("data", resolve));
  follow.child.kill("SIGINT");
  assert.is((await follow.ended).code, 130);
  run.child.kill("SIGINT");
  await run.ended;
});

test.run();
