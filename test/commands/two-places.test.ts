// needs: nix
// time-limit: 300
import { existsSync, lstatSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("two hosts of one address");

/** `b` is what a run names; `local` stands before it, with the same address. */
function configure(rig: Rig, workDirOfB = "b"): void {
  rig.configure({
    hosts: {
      local: { url: "local", workDir: join(rig.dir, ".pikaci/a") },
      b: { url: "local", workDir: join(rig.dir, ".pikaci", workDirOfB) },
    },
    jobs: {
      bad: { command: "cat file >/artifacts/part; exit 3" },
      endless: { command: "echo begun; while :; do sleep 1; done" },
      slow: { command: "sleep 2; echo kept >/artifacts/file" },
    },
  });
}

test.before.each((context) => {
  context.rig = openRig({});
  configure(context.rig);
  context.rig.write({ file: "first\n" });
});
test.after.each(({ rig }) => rig.remove());

function has(rig: Rig, path: string): boolean {
  return existsSync(join(rig.dir, ".pikaci", path));
}

async function ran(rig: Rig, code: number, ...words: string[]): Promise<string> {
  const ended = await rig.pikaci(...words);
  assert.is(ended.code, code, `${words.join(" ")}: ${ended.stderr}`);
  return ended.stdout;
}

test("what a run left is looked for where it ran: shell, pin, and a rerun elsewhere", async ({ rig }) => {
  rig.write({ holes: "begin" });
  truncateSync(join(rig.dir, "holes"), 2 ** 26);
  await ran(rig, 1, "run", "-q", "--job", "bad", "--on", "b", "--keep-failed", "10m");
  const { run_id, host, host_name, work_dir } = rig.record();
  assert.equal([host, host_name, work_dir], ["local", "b", join(rig.dir, ".pikaci/b")]);
  const shell = ["shell", "-q", "bad", "--run", run_id];
  assert.is(await ran(rig, 0, ...shell, "--", "cat", "/artifacts/part"), "first\n");
  const elsewhere = await rig.pikaci(...shell, "--on", "local", "--", "ls", "/artifacts");
  assert.equal([elsewhere.code, elsewhere.stdout], [0, ""], elsewhere.stderr);
  assert.match(elsewhere.stderr, /what job bad left was kept on b until \S+; this is its snapshot alone/);

  await ran(rig, 0, "pin", run_id);
  assert.equal([has(rig, `b/runs/${run_id}/pin`), has(rig, `a/runs/${run_id}/pin`)], [true, false]);
  await ran(rig, 0, "pin", "--remove", run_id);
  assert.not(has(rig, `b/runs/${run_id}/pin`));

  rig.write({ file: "second\n" });
  for (const place of [join(rig.memory, "manifests"), join(rig.dir, ".pikaci/a/snapshots")])
    rmSync(place, { recursive: true, force: true });
  await ran(rig, 1, "rerun", "-q", run_id, "--on", "local");
  assert.equal([rig.record().host_name, rig.jobFile("bad", "artifacts/part")], ["local", "first\n"]);
  const [there = ""] = readdirSync(join(rig.dir, ".pikaci/a/snapshots"));
  const { size, blocks } = lstatSync(join(rig.dir, ".pikaci/a/snapshots", there, "snapshot/holes"));
  assert.is(size, 2 ** 26);
  assert.ok(blocks * 512 < 100_000, `${blocks} blocks`);
});

test("a detached run is followed, fetched and cancelled where it runs", async ({ rig }) => {
  await ran(rig, 0, "run", "-q", "--job", "slow", "--on", "b", "--detach");
  await ran(rig, 0, "attach", "-q");
  assert.is(rig.jobFile("slow", "artifacts/file"), "kept\n");
  await ran(rig, 0, "run", "-q", "--job", "endless", "--on", "b", "--detach");
  const cancelled = await rig.pikaci("cancel", "latest");
  assert.is(cancelled.code, 0, cancelled.stderr);
  assert.match(cancelled.stderr, "nothing of endless is left on b");
  assert.is(rig.record().status, "cancelled");
});

test("a work dir that was changed since, and a name that is gone, are found by the record", async ({
  rig,
}) => {
  await ran(rig, 0, "run", "-q", "--job", "slow", "--on", "b", "--detach");
  configure(rig, "other");
  await ran(rig, 0, "attach", "-q");
  assert.is(rig.jobFile("slow", "artifacts/file"), "kept\n");
  await ran(rig, 0, "run", "-q", "--job", "slow", "--on", "b", "--detach");
  rig.configure({ jobs: { slow: { command: "true" } } });
  await ran(rig, 0, "attach", "-q");
  assert.is(rig.jobFile("slow", "artifacts/file"), "kept\n");
  assert.ok(has(rig, "other/runs"));
});

test("a record of an older pikaci means the first host of its address", async ({ rig }) => {
  await ran(rig, 0, "run", "-q", "--job", "slow", "--detach");
  rig.alter(rig.record().run_id, { host_name: undefined, work_dir: undefined });
  await ran(rig, 0, "attach", "-q");
  const record = rig.record();
  assert.equal([record.status, "host_name" in record, "work_dir" in record], ["passed", false, false]);
});

test("a collection looks into both", async ({ rig }) => {
  await ran(rig, 0, "run", "-q", "--job", "slow");
  await ran(rig, 0, "run", "-q", "--job", "slow", "--on", "b");
  const accounts: { place: string; items: { kind: string; name: string }[] }[] = JSON.parse(
    await ran(rig, 0, "gc", "--dry-run", "--json"),
  );
  const runs = accounts.map(({ place, items }) => [
    place,
    items.filter(({ kind }) => kind === "runs").map(({ name }) => name),
  ]);
  const ids: string[] = JSON.parse(await ran(rig, 0, "list", "--json")).map(
    ({ run_id }: { run_id: string }) => run_id,
  );
  const [ofB = "", ofA = ""] = ids;
  assert.equal(runs, [
    ["workspace", ids],
    ["local", [ofA]],
    ["b", [ofB]],
  ]);
});

test.run();
