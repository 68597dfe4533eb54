// time-limit: 90
// exhaustive: a busy machine
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { exhaustively } from "../../exhaustive.ts";
import { eventually } from "../../lab/rig.ts";
import { makeDirectory, removeWorkspaces, writeFiles } from "../../workspace.ts";

const test = suite("a machine is attended");
const groups: number[] = [];
test.after(() => {
  // A launcher's clock ends with its namespace; here it would tick once more.
  for (const group of groups) if (lives(-group)) process.kill(-group, "SIGKILL");
  removeWorkspaces();
});

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const LIBRARY = resolve(import.meta.dirname, "../../../nix/runners/machine/tree/lib/attend.sh");

/** A launcher whose machine is `sleep`, which may be silent for four seconds. */
const LAUNCHER = `hypervisor=sleep machine_accel=tcg machine_silence_s=4
control() { echo "$1" >>control; }
tell_machine() { :; }
machine_gone() { :; }
sleep() { echo "$1" >>slept; command sleep "$1"; }
fail() { control "error $1"; exit 1; }
. ${LIBRARY}
(exec sleep 600) &
echo "$!" >machine
attend "$(cat machine)"`;

function launch(files: Readonly<Record<string, string>> = {}): {
  readonly dir: string;
  readonly launcher: ChildProcess;
} {
  const dir = makeDirectory();
  mkdirSync(join(dir, "private"));
  execFileSync("mkfifo", [join(dir, "private/control.out")]);
  writeFiles(dir, { control: "", console: "", "private/machine.log": "ended", ...files });
  const launcher = spawn("sh", ["-c", LAUNCHER], {
    cwd: dir,
    stdio: "ignore",
    detached: true,
  });
  if (launcher.pid !== undefined) groups.push(launcher.pid);
  return { dir, launcher };
}

/** The machine says its last words and ends. */
async function endOf({ dir, launcher }: ReturnType<typeof launch>, words: string): Promise<void> {
  writeFileSync(join(dir, "private/control.out"), words);
  await eventually("the machine's number", 10, () => (existsSync(join(dir, "machine")) ? true : null));
  process.kill(Number(readFileSync(join(dir, "machine"), "utf8")), "SIGKILL");
  await once(launcher, "exit");
}

test("a verdict that waits for the log is taken, also when the machine has ended long before", async () => {
  const launched = launch({ log: "short" });
  await endOf(launched, "start\nlogged 1000\nexit 7\n");
  assert.is(said(launched.dir), "start\nexit 7\n");
});

test("a log that was masked is there when all of it was read, however long it is then", async () => {
  const launched = launch({ log: "***", "log.read": "1000" });
  await endOf(launched, "start\nlogged 1000\nexit 7\n");
  assert.is(said(launched.dir), "start\nexit 7\n");
  assert.not(readFileSync(join(launched.dir, "slept"), "utf8").includes("0.05\n"));
});

const said = (dir: string) => readFileSync(join(dir, "control"), "utf8");

test("a silent machine is ended, and the error says how long it was silent", async () => {
  const { dir, launcher } = launch();
  await once(launcher, "exit");
  assert.match(said(dir), /^error nothing was heard of the machine for [4-9] s$/m);
});

exhaustively(test)(
  "a machine that gets a small part of the time has as much of it as on a quiet host",
  async () => {
    const others = Array.from({ length: 16 * availableParallelism() }, () =>
      spawn("nice", ["-n", "19", "sh", "-c", "while :; do :; done"]),
    );
    try {
      const { dir, launcher } = launch();
      await sleep(12_000);
      assert.is(said(dir), "");
      process.kill(Number(readFileSync(join(dir, "machine"), "utf8")), "SIGKILL");
      await once(launcher, "exit");
      assert.match(said(dir), /^error sleep ended without a verdict \(status 137\)/);
    } finally {
      for (const other of others) other.kill("SIGKILL");
    }
  },
);

test.run();
