// needs: nix
// time-limit: 120
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseRunId } from "../../src/core/ids.ts";
import { connect } from "../../src/remote/connect.ts";
import { openSession } from "../../src/remote/session.ts";
import { eventually } from "../lab/rig.ts";
import { hostSpec } from "../publish/publish-rig.ts";
import { makeContext, makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite<{ workDir: string; children: ChildProcess[] }>("what a crashed run left");
const asRoot = process.getuid?.() === 0 ? test : test.skip;
const DEAD = "20260101T000000Z-0123abcd";
const OTHER = "20260101T000001Z-0123abcd";

test.before.each((context) => {
  context.workDir = join(makeDirectory(), "work");
  mkdirSync(join(context.workDir, "locks"), { recursive: true });
  writeFileSync(join(context.workDir, "pikaci-work-dir"), "");
  context.children = [];
});
test.after.each(({ children }) => {
  for (const child of children) child.kill("SIGKILL");
});
test.after(removeWorkspaces);

/** The mark as `run_mark` of src/host/process.sh makes it. */
function mark(workDir: string, run = DEAD): string {
  const { dev, ino } = statSync(workDir);
  return `PIKACI_MARK=${dev}-${ino}:${run}`;
}

/** A process with this in its environment alone, and the words `wait`. */
function started(children: ChildProcess[], assignment: string, ...wait: string[]): ChildProcess {
  const words = wait.length > 0 ? wait : ["sleep", "300"];
  const child = spawn("env", ["-i", `PATH=${process.env.PATH}`, assignment, ...words], { stdio: "ignore" });
  children.push(child);
  return child;
}

function lives({ pid = 0 }: ChildProcess): boolean {
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : ") Z";
  return !/\) Z/.test(stat);
}

const isMarked = (pid: number, text: string) => {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").includes(text);
  } catch {
    return false;
  }
};

/** Waits until the environment is the program's own, and not yet that of the test. */
async function ready(child: ChildProcess, text: string): Promise<void> {
  await eventually("it has the mark", 10, () => (isMarked(child.pid ?? 0, text) ? true : null));
}

async function nextSession(workDir: string) {
  const warnings: string[] = [];
  const base = makeContext({ HOME: process.env.HOME });
  const context = {
    ...base,
    emit: (event: Parameters<typeof base.emit>[0]) =>
      void (event.type === "warning" && warnings.push(event.message)),
  };
  const connection = await connect(hostSpec("local", workDir), context);
  const runId = parseRunId("20260102T000000Z-0123abcd");
  const questions = { runId, projectId: "", contentHash: null, runners: [], backends: [], observer: true };
  const { facts } = await openSession(connection, questions, context);
  await connection.close();
  return { reaped: facts.reaped, warnings };
}

function marked(text: string): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isMarked(Number(name), text));
}

test("a tree of processes that left their parents is ended, and told", async ({ workDir, children }) => {
  const text = mark(workDir);
  const forks = "(setsid sh -c 'sleep 300 & exec sleep 300' &) ; trap '' TERM HUP; sleep 300";
  started(children, text, "sh", "-c", forks);
  await eventually("four run", 10, () => (marked(text).length === 4 ? true : null));
  const { reaped, warnings } = await nextSession(workDir);
  assert.equal(reaped, [{ run: DEAD, what: "4 processes" }]);
  assert.equal(warnings, [`run ${DEAD} had crashed on local; ended there what it left: 4 processes`]);
  assert.equal(marked(text), []);
  assert.not(existsSync(join(workDir, `locks/run-${DEAD}`)));
  assert.equal((await nextSession(workDir)).reaped, []);
});

test("a run whose lock is held keeps its processes", async ({ workDir, children }) => {
  const live = started(children, mark(workDir, OTHER));
  const dead = started(children, mark(workDir));
  await Promise.all([ready(live, OTHER), ready(dead, DEAD)]);
  const lock = join(workDir, `locks/run-${OTHER}`);
  const holder = spawn("flock", ["-s", lock, "sh", "-c", "echo held; exec cat"], { stdio: "pipe" });
  children.push(holder);
  await new Promise((held) => holder.stdout.once("data", held));
  assert.equal((await nextSession(workDir)).reaped, [{ run: DEAD, what: "1 processes" }]);
  assert.equal([lives(live), lives(dead)], [true, false]);
  assert.ok(existsSync(lock));
});

test("another work dir's, and what only looks like a mark, are left alone", async ({ workDir, children }) => {
  const alike = [
    mark(makeDirectory()),
    `ELSE=${mark(workDir)}`,
    `${mark(workDir)}x`,
    mark(workDir, "../../x"),
    mark(workDir).replace("PIKACI_MARK", "XPIKACI_MARK"),
  ];
  const others = alike.map((text) => started(children, text));
  await Promise.all(others.map((child, index) => ready(child, alike[index] ?? "")));
  assert.equal((await nextSession(workDir)).reaped, []);
  assert.equal(
    others.map(lives),
    alike.map(() => true),
  );
});

asRoot("another account's process with a forged mark is left alone", async ({ workDir, children }) => {
  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sleep", "300"];
  const forged = started(children, mark(workDir), ...nobody);
  await ready(forged, DEAD);
  await eventually("it is nobody's", 10, () =>
    /^Uid:\t65534/m.test(readFileSync(`/proc/${forged.pid}/status`, "utf8")) ? true : null,
  );
  assert.equal((await nextSession(workDir)).reaped, []);
  assert.ok(lives(forged));
});

asRoot("a mount in a dead run's directory is taken away before the directory is", async ({ workDir }) => {
  const place = join(workDir, `runs/${DEAD}/jobs/x/a \\b`);
  mkdirSync(place, { recursive: true });
  assert.is(spawnSync("mount", ["-t", "tmpfs", "tmpfs", place]).status, 0);
  assert.equal((await nextSession(workDir)).reaped, [{ run: DEAD, what: "1 mounts" }]);
  assert.not.match(readFileSync("/proc/self/mounts", "utf8"), workDir);
});

test.run();
