// time-limit: 90
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces, writeFiles } from "../../workspace.ts";

const test = suite("a machine is attended");
test.after(removeWorkspaces);

const LIBRARY = resolve(import.meta.dirname, "../../../nix/runners/machine/tree/lib/attend.sh");

/** A launcher whose machine is `sleep`, which may be silent for four seconds. */
const LAUNCHER = `hypervisor=sleep machine_accel=tcg machine_silence_s=4
control() { echo "$1" >>control; }
tell_machine() { :; }
machine_gone() { :; }
fail() { control "error $1"; exit 1; }
. ${LIBRARY}
sleep 600 &
echo "$!" >machine
attend "$(cat machine)"`;

function launch(): { readonly dir: string; readonly launcher: ChildProcess } {
  const dir = makeDirectory();
  mkdirSync(join(dir, "private"));
  execFileSync("mkfifo", [join(dir, "private/control.out")]);
  writeFiles(dir, { control: "", console: "", "private/machine.log": "ended" });
  const launcher = spawn("sh", ["-c", LAUNCHER], {
    cwd: dir,
    stdio: "ignore",
  });
  return { dir, launcher };
}

const said = (dir: string) => readFileSync(join(dir, "control"), "utf8");

test("a silent machine is ended, and the error says how long it was silent", async () => {
  const { dir, launcher } = launch();
  await once(launcher, "exit");
  assert.match(said(dir), /^error nothing was heard of the machine for [4-9] s$/m);
});

test("a machine that gets a small part of the time has as much of it as on a quiet host", async () => {
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
});

test.run();
