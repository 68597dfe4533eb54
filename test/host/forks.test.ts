// needs: nix
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CLI, openRig } from "../lab/rig.ts";
import { type Spawned, spawnedByHost, underSpawnTrace } from "../spawned.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("what a run starts on its host");
test.after(removeWorkspaces);

/** Limits of processes, docs/benchmarks.md. What waits is left out, since a machine that is busy waits more often. */
const cases = {
  "a warm run of one job": { limit: 140, edited: false },
  "a run of one job after one file was edited": { limit: 190, edited: true },
} as const;

function tracedRun(edited: boolean): Spawned {
  const rig = openRig({});
  const own = makeDirectory();
  const host = { url: "local", workDir: join(own, "work") };
  rig.write({ file: "content\n" });
  rig.configure({
    host: "here",
    hosts: { here: host },
    jobs: { one: { command: "echo hi", runner: "sandbox" } },
  });
  const trace = join(own, "trace");
  const run = (under: readonly string[]) => {
    const [program = "", ...args] = [...under, process.execPath, ...CLI, "run", "--no-cache", "-q"];
    const env = { ...process.env, ...rig.env };
    const { status, stderr } = spawnSync(program, args, { cwd: rig.dir, env, encoding: "utf8" });
    assert.is(status, 0, stderr);
  };
  try {
    run([]);
    if (edited) rig.write({ file: "other content\n" });
    run(underSpawnTrace(trace));
    return spawnedByHost(trace);
  } finally {
    rig.remove();
  }
}

for (const [what, { limit, edited }] of Object.entries(cases))
  test(`${what} makes at most ${limit} processes on its host`, () => {
    const { forks, waiting, programs } = tracedRun(edited);
    const told = programs.map(([name, times]) => `${times} ${name}`).join(", ");
    assert.ok(
      programs.some(([name]) => name === "bwrap"),
      `the job is in the trace: ${told}`,
    );
    assert.ok(forks > waiting, "the trace has forks");
    assert.ok(
      forks - waiting <= limit,
      `${forks - waiting} processes (and ${waiting} that waited) are more than ${limit}; docs/benchmarks.md says how to count them. Programs: ${told}; the others are subshells`,
    );
  });

test.run();
