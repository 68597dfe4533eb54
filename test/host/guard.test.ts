// needs: nix
// time-limit: 180
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { codeOf } from "../../src/system/error-code.ts";
import { eventually } from "../lab/rig.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { endGuards, type Guarded, runGuard, shell, startGuard } from "./guard-rig.ts";

const test = suite("guard on this machine");
test.after(endGuards);
test.after(removeWorkspaces);

/** An environment in which the shell text comes before the program of that name. */
function slowed(program: string, text: string): { readonly PATH: string } {
  const dir = makeDirectory();
  writeFileSync(join(dir, program), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return { PATH: `${dir}:${process.env.PATH}` };
}

/** Processes of this machine whose working directory is the job's. */
function processesOf({ jobDir }: Guarded): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(jobDir);
    } catch {
      return false;
    }
  });
}

function isFirstOfGuest(pid: string): boolean {
  const words = commandLine(pid);
  return words[0] === "sh" && words.includes("guard-supervisor");
}

/** None where the process has ended. */
function commandLine(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes(codeOf(error) ?? "")) return [];
    throw error;
  }
}

test("a job that is over before the log is followed passes, with its log", async () => {
  const env = slowed("setpriv", 'case "$*" in *guard-streamer*) sleep 1 ;; esac; exec /usr/bin/setpriv "$@"');
  const guard = await runGuard({ env, job: { command: shell("echo soon over") } });
  assert.is(guard.result().status, "passed");
  assert.is(guard.log(), "soon over\n");
});

test("the job sees neither the guard's mark nor the work dir in its first process's environment", async () => {
  const guard = await runGuard({ job: { command: shell("tr '\\0' '\\n' </proc/1/environ; echo seen") } });
  assert.match(guard.log(), /seen\n$/);
  assert.not.match(guard.log(), /PIKACI|PWD/);
  assert.not.match(guard.log(), guard.workDir);
});

test("a heartbeat while the last of the log is written changes no verdict", async () => {
  const env = slowed("cat", '/usr/bin/cat "$@"; sleep 3');
  const guard = await runGuard({ env, job: { command: shell("echo said") } });
  assert.is(guard.result().status, "passed");
});

test("a guest that others keep from booting has as much of the machine's time as on a quiet one", async () => {
  const late = await runGuard({ runner: "sleep 600", params: { boot_ms: "300" } });
  assert.is(late.result().status, "timeout");
  assert.match(late.result().message, /^boot: /);
  const others = Array.from({ length: 4 * availableParallelism() }, () =>
    spawn("nice", ["-n", "19", "sh", "-c", "while :; do :; done"]),
  );
  try {
    const runner = "sleep 4; echo start >>control; echo exit 0 >>control";
    const guard = await runGuard({ runner, params: { boot_ms: "2000" } });
    assert.is(guard.result().status, "passed");
  } finally {
    for (const other of others) other.kill("SIGKILL");
  }
});

test("a log whose writer does not get its turn for longer than that changes no verdict either", async () => {
  const env = slowed("cat", '/usr/bin/cat "$@"; (sleep 12; kill -CONT $$) & kill -STOP $$; wait');
  const guard = await runGuard({ env, job: { command: shell("echo said") } });
  assert.is(guard.result().status, "passed");
});

test("a log that a process outside holds open ends, as infra, within seconds", async () => {
  const guard = await startGuard({ job: { command: shell("echo said; sleep 1") } });
  await guard.until("log");
  // Longer than a busy machine takes for the guard's hundred looks at it.
  const holder = spawn("sh", ["-c", "exec sleep 3600 >>log.pipe"], { cwd: guard.jobDir });
  try {
    await guard.until("end");
    assert.is(guard.result().status, "infra");
    assert.match(guard.result().message, /^host: the log was still held open/);
  } finally {
    holder.kill();
  }
  guard.channel.end();
  await guard.channel.closed;
});

for (const [what, text] of [
  ["log", "head -c 20000000 /dev/zero; sleep 60"],
  ["artifacts", "head -c 20000000 /dev/zero >/artifacts/large"],
] as const) {
  test(`a client that is stopped while ${what} are sent leaves no process behind`, async () => {
    const params = { lease_ms: "3000" };
    const guard = await startGuard({ params, heartbeat: false, job: { command: shell(text) } });
    await eventually("the guard runs", 5, () => processesOf(guard).length > 0 || null);
    await sleep(3000);
    await eventually("nothing is left", 5, () => processesOf(guard).length === 0 || null);
    guard.channel.kill();
    await guard.channel.closed;
  });
}

test("a guest whose first process is killed was killed, whatever its util-linux says of that", async () => {
  const guard = await startGuard({ runner: "echo start >>control; sleep 600" });
  const first = await eventually("the guest runs", 20, () => processesOf(guard).find(isFirstOfGuest) ?? null);
  process.kill(Number(first), "SIGKILL");
  await guard.until("end");
  guard.channel.end();
  await guard.channel.closed;
  assert.is(guard.result().status, "infra");
  assert.match(guard.result().message, /^host: the guest was killed/);
});

test("a job ignores no signal that its own shell does not", async () => {
  const guard = await runGuard({ job: { command: shell("grep ^SigIgn: /proc/self/status") } });
  assert.is(guard.log(), "SigIgn:\t0000000000000000\n");
});

test("at its timeout a job's processes are told first, and may still write", async () => {
  const child = "trap 'sleep 0.3; echo told >/artifacts/told; exit' TERM; while :; do sleep 0.1; done";
  for (const command of [
    shell(`sh -c "${child}"; echo went on`),
    { kind: "argv", argv: ["sh", "-c", child] } as const,
  ]) {
    const guard = await runGuard({ job: { timeoutMs: 1000, command } });
    assert.is(guard.result().status, "timeout");
    assert.not.match(guard.log(), /went on/);
    assert.match(guard.artifacts(), /told\n/);
  }
});

test("root of the guest has a home and a /var/tmp to write in", async () => {
  const command = shell('echo yes >"$HOME/file" && echo yes >/var/tmp/file && cat "$HOME/file"');
  for (const user of ["root", "user"] as const) {
    const guard = await runGuard({ job: { user, command } });
    assert.is(guard.log(), "yes\n");
    assert.is(guard.result().status, "passed");
  }
});

test("no setting of the host's kernel is writable in the guest", async () => {
  const find =
    "find /proc -mindepth 1 \\( -path '/proc/[0-9]*' -o -path '*self' \\) -prune -o -type f -writable -print 2>/dev/null";
  for (const user of ["root", "user"] as const) {
    const guard = await runGuard({
      job: { user, command: shell(`${find}; test -r /proc/sys/kernel/osrelease`) },
    });
    assert.is(guard.log(), "");
    assert.is(guard.result().status, "passed");
  }
});

test("the host's private keys are not in the guest", async () => {
  const guard = await runGuard({
    job: { command: shell("ls -d /etc/ssl/certs /etc/ssl/private 2>/dev/null") },
  });
  assert.is(guard.log(), "/etc/ssl/certs\n");
});

test("a job that leaves nothing sends no archive, one that leaves a hidden file or a directory does", async () => {
  const left = {
    nothing: "true",
    hidden: "true >/artifacts/.one",
    "odd name": "true >/artifacts/..x",
    directory: "mkdir /artifacts/d",
  };
  for (const [what, command] of Object.entries(left)) {
    const guard = await runGuard({ job: { command: shell(command) } });
    assert.is(guard.result().status, "passed", what);
    assert.is(guard.artifacts() === "", what === "nothing", what);
  }
});

test.run();
