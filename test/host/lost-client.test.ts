// needs: nix
// time-limit: 240
// exhaustive: a busy machine while the client is away
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Env } from "../../src/system/exec.ts";
import { exhaustively } from "../exhaustive.ts";
import { eventually } from "../lab/rig.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { endGuards, type Guarded, shell, startGuard } from "./guard-rig.ts";

const test = suite("a job whose client loses its connection");
test.after(endGuards);
test.after(removeWorkspaces);

/** A silence from which on an end of file is the network's. */
const SILENT_MS = 6_000;

/** A job that goes on until the file is there. */
const command = shell("echo begun; while [ ! -e /artifacts/over ]; do sleep 0.1; done; echo all of it");

/** Its first connection has been silent, then it broke, as when a network goes away; `last` is heard just before that. */
async function broken(env: Env = {}, last = ""): Promise<Guarded> {
  const guard = await startGuard({
    ...{ heartbeat: false, params: { lease_ms: "600000" }, env },
    job: { command, timeoutMs: 600_000 },
  });
  await guard.until("log");
  await sleep(SILENT_MS);
  if (last !== "") await guard.channel.write(last);
  guard.channel.kill();
  return guard;
}

async function attached(guard: Guarded): Promise<Guarded> {
  const next = await guard.attach();
  await next.until("log");
  return next;
}

async function passes(guard: Guarded): Promise<void> {
  writeFileSync(join(guard.jobDir, "artifacts/over"), "");
  await guard.until("end");
  assert.is(guard.result().message, "exit 0");
  assert.is(guard.log(), "begun\nall of it\n");
  await guard.channel.write("done\n");
  await guard.channel.closed;
}

/** Who keeps the job, as the guard reads it. */
const keeper = ({ jobDir }: Guarded) => readFileSync(join(jobDir, "attached"), "utf8").split(" ")[2];

/** The verdict of a guard that nobody follows any more. */
async function verdict({ jobDir }: Guarded): Promise<string> {
  const file = join(jobDir, "result.json");
  await eventually("there is a verdict", 40, () => (existsSync(file) ? true : null));
  return JSON.parse(readFileSync(file, "utf8")).message;
}

test("a second connection that breaks as soon as it is there costs nothing", async () => {
  const guard = await broken();
  for (let n = 0; n < 2; n++) {
    const second = await attached(guard);
    second.channel.kill();
    await second.channel.closed;
    assert.is(keeper(guard), "lost\n");
  }
  await sleep(3000);
  await passes(await attached(guard));
});

test("what a network held back, and the end right after it, are no client that leaves", async () => {
  const guard = await broken({}, "late\n");
  await sleep(2000);
  await passes(await attached(guard));
});

test("a second connection that breaks after a silence is waited for as the first one is", async () => {
  const guard = await broken();
  const second = await guard.attach("silent");
  await second.until("log");
  await sleep(SILENT_MS);
  second.channel.kill();
  await second.channel.closed;
  assert.is(keeper(guard), "lost\n");
  await passes(await attached(guard));
});

test("a connection that breaks while the next one takes the job over does not take it back", async () => {
  const dir = makeDirectory();
  const [begun, go] = [join(dir, "begun"), join(dir, "go")];
  const wait = `grep -q lost "$2" 2>/dev/null && { true >${begun}; while [ ! -e ${go} ]; do sleep 0.05; done; }`;
  writeFileSync(join(dir, "mv"), `#!/bin/sh\n${wait}\nexec /usr/bin/mv "$@"\n`, { mode: 0o755 });
  const guard = await broken({ PATH: `${dir}:${process.env.PATH}` });
  const second = await attached(guard);
  second.channel.kill();
  await eventually("it says that it is lost", 40, () => (existsSync(begun) ? true : null));
  const third = await guard.attach();
  await sleep(1000);
  writeFileSync(go, "");
  await second.channel.closed;
  await third.until("log");
  assert.is(keeper(guard), "alive\n");
  await passes(third);
});

test("nobody comes back: the job ends before its lease does", async () => {
  const guard = await broken();
  const second = await attached(guard);
  second.channel.kill();
  assert.is(await verdict(guard), "the client went away");
});

test("a client that has come back and then leaves ends its job at once", async () => {
  const guard = await broken();
  const second = await attached(guard);
  await sleep(SILENT_MS);
  second.channel.kill();
  await second.channel.closed;
  assert.is(keeper(guard), "gone\n");
  assert.is(await verdict(guard), "the client went away");
});

exhaustively(test)(
  "a client that others keep from coming back has as much of the machine's time as on a quiet one",
  async () => {
    const guard = await broken();
    // A quarter of the machine's time at most is left: 20 s count for 5 of the 15 that it has.
    const others = Array.from({ length: 4 * availableParallelism() }, () =>
      spawn("nice", ["-n", "19", "sh", "-c", "while :; do :; done"]),
    );
    try {
      await sleep(20_000);
    } finally {
      for (const other of others) other.kill("SIGKILL");
    }
    await passes(await attached(guard));
  },
);

test.run();
