// needs: nix
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InfraError } from "../../src/core/errors.ts";
import type { Channel, Params } from "../../src/remote/connection.ts";
import { eventually } from "../lab/rig.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { endGuards, type Guarded, shell, startGuard } from "./guard-rig.ts";

const test = suite("what a job left, and the disk");
test.after(endGuards);
test.after(removeWorkspaces);

/** Of what a guard brings to the disk, a line per call: whether the result has its name, and the paths. */
async function synced(params: Params): Promise<string[]> {
  return (await calls(params)).map(({ said }) => said);
}

interface Call {
  readonly said: string;
  /** Files of the run that it has open: locks, if any. */
  readonly open: string;
}

const LEAVES = "mkdir /artifacts/dir; cd /artifacts/dir; echo one >one; echo 2 >two; ln two too; echo said";

/** A job that leaves something, and what its guard has brought to the disk until now. */
async function startLeaving(params: Params, then = ""): Promise<{ guard: Guarded; calls: () => Call[] }> {
  const dir = makeDirectory();
  const said = join(dir, "said");
  const text = `[ -e result.json ] && is=there || is=not
open=$(readlink /proc/$$/fd/* | grep -e /locks/ -e /runs/ | tr '\\n' ' ')
printf '%s %s\\t%s\\n' "$is" "$*" "$open" >>${said}
exec /usr/bin/sync "$@"`;
  writeFileSync(join(dir, "sync"), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const job = { command: shell(`${LEAVES}${then}`) };
  const guard = await startGuard({ params, env: { PATH: `${dir}:${process.env.PATH}` }, job });
  const lines = () => (existsSync(said) ? readFileSync(said, "utf8").trim().split("\n") : []);
  const calls = () =>
    lines().map((line) => ({ said: line.split("\t")[0] ?? "", open: line.split("\t")[1] ?? "" }));
  return { guard, calls };
}

/** What a guard brings to the disk. */
async function calls(params: Params): Promise<readonly Call[]> {
  const { guard, calls } = await startLeaving(params);
  if (params.detached === "yes") {
    await drain(guard.channel);
  } else {
    await guard.until("end");
    await guard.channel.write("done\n");
  }
  await guard.channel.closed;
  assert.match(readFileSync(join(guard.jobDir, "result.json"), "utf8"), /"status":"passed"/);
  return calls();
}

/** A detached job's log goes to its client only as long as it likes: its end may come in the middle of a frame. */
async function drain(channel: Channel): Promise<void> {
  try {
    for await (const _ of channel.frames());
  } catch (error) {
    assert.instance(error, InfraError);
    assert.match(String(error), "in the middle of what it sent (`log`)");
  }
}

test("of a detached job all of it is there before the result has its name, and then the name", async () => {
  const calls = await synced({ detached: "yes", durable: "yes" });
  const all = calls.join("\n");
  for (const path of ["artifacts", "artifacts/dir", "artifacts/dir/one", "log result.json.new ../../keep"])
    assert.match(all, new RegExp(`^not .*${path}( |$)`, "m"));
  assert.is(calls.at(-1), "there -- .");
  assert.is(calls.filter((call) => call.startsWith("there")).length, 1);
});

test("of a detached job also files with two names are there", async () => {
  const all = (await synced({ detached: "yes", durable: "yes" })).join("\n");
  for (const path of ["artifacts/dir/two", "artifacts/dir/too"])
    assert.match(all, new RegExp(`^not .*${path}( |$)`, "m"));
});

/** All that was brought to the disk, once a line of it matches. */
function broughtUntil(calls: () => Call[], last: RegExp): Promise<string> {
  return eventually(`the disk has ${last}`, 40, () => {
    const all = calls().map(({ said }) => said);
    return last.test(all.at(-1) ?? "") ? all.join("\n") : null;
  });
}

test("what a job left whose client went away is there before its result has its name", async () => {
  const { guard, calls } = await startLeaving({ durable: "yes" }, "; sleep 1000");
  await guard.until("log");
  guard.channel.kill();
  const all = await broughtUntil(calls, /^there -- \.$/);
  assert.match(readFileSync(join(guard.jobDir, "result.json"), "utf8"), /"message":"the client went away"/);
  for (const path of ["artifacts/dir/one", "artifacts/dir/two", "log result.json.new ../../keep"])
    assert.match(all, new RegExp(`^not .*${path}( |$)`, "m"));
});

test("what a client did not take before it went away is brought to the disk then", async () => {
  const { guard, calls } = await startLeaving({ durable: "yes" });
  await guard.until("result");
  guard.channel.kill();
  const all = await broughtUntil(calls, /^there -- \. /);
  for (const path of ["artifacts/dir/one", "artifacts/dir/two", "log result.json ../../keep"])
    assert.match(all, new RegExp(`^there .*${path}( |$)`, "m"));
  assert.not.match(all, /^not/m);
});

test("what syncs for a guard has none of its locks", async () => {
  const found = await calls({ detached: "yes", durable: "yes" });
  assert.ok(found.length > 0);
  assert.equal(
    found.map(({ open }) => open),
    found.map(() => ""),
  );
});

test("a client that is there waits for no disk, and nobody where that is not wanted", async () => {
  assert.equal(await synced({ durable: "yes" }), []);
  assert.equal(await synced({ detached: "yes", durable: "no" }), []);
});

test.run();
