// needs: nix
// time-limit: 300
import { availableParallelism } from "node:os";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { contractOf } from "../lab/job-contract.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { stressContract } from "./contract.ts";
import { busyLoops } from "./load.ts";

/** Jobs whose verdict a late log, artifact, guest or signal could change. */
const WANTED = ["exit-1", "killed", "daemon", "large-log"];

test.after(removeWorkspaces);

test("busy processes beside it change no verdict, as `npm run test:stress` tries for longer", async () => {
  const all = contractOf("sandbox", "quick");
  const jobs = Object.fromEntries(Object.entries(all).filter(([name]) => WANTED.includes(name)));
  assert.is(Object.keys(jobs).length, WANTED.length);
  const load = busyLoops(2 * availableParallelism());
  try {
    const site = { url: "local", workDir: makeDirectory(), runner: "sandbox", limit: 4, jobs };
    const [run] = await stressContract(site, 1, () => {});
    assert.equal(run?.mismatches, [], run?.said);
  } finally {
    await load.stop();
  }
});

test("a verdict that is otherwise is counted once, whatever of it is", async () => {
  const jobs = { x: { command: "echo said", result: { status: "failed" }, log: /other/ } } as const;
  const site = { url: "local", workDir: makeDirectory(), runner: "sandbox", limit: 1, jobs };
  const [run] = await stressContract(site, 1, () => {});
  assert.is(run?.wrong, 1);
  assert.is(run?.mismatches.length, 2);
});

test.run();
