// needs: nix
// time-limit: 600
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("what this account has not said itself");

test.before.each((context) => {
  const rig = openRig({ PIKACI_NO_CACHE: "" });
  context.rig = rig;
  rig.write({ file: "one\n" });
  const runner = "sandbox";
  const config = {
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: { good: { command: "cat file", runner }, bad: { command: "exit 1", cache: "all", runner } },
    targets: { all: { jobs: ["good", "bad"] } },
  };
  rig.configure(config);
  writeFileSync(outside(rig), JSON.stringify({ ...config, untrusted: { runners: [runner] } }));
});
test.after.each(({ rig }) => {
  rmSync(outside(rig));
  rig.remove();
});

/** A configuration outside of the tree, which lets a stranger's jobs have a sandbox. */
const outside = (rig: Rig) => `${rig.dir}-outside.json`;

const untrusted = (rig: Rig) => ["--untrusted", "--config", outside(rig)];

async function status(rig: Rig, job: string, ...args: string[]): Promise<string | undefined> {
  const { stderr } = await rig.pikaci("run", "--job", job, ...args);
  const found = rig.record().jobs.find((one) => one.job === job)?.result?.status;
  assert.ok(found !== undefined, stderr);
  return found;
}

test("a verdict that somebody wrote into the cache, or into the tree, passes no job", async ({ rig }) => {
  assert.is(await status(rig, "bad"), "failed");
  const store = join(rig.memory, "verdicts");
  const [name = ""] = readdirSync(store).filter((file) => file.endsWith(".json"));
  const forged = { ...JSON.parse(readFileSync(join(store, name), "utf8")), status: "passed", exit_code: 0 };
  const inTree = join(rig.dir, ".pikaci/cache/verdicts");
  mkdirSync(inTree, { recursive: true });
  for (const directory of [store, inTree]) writeFileSync(join(directory, name), JSON.stringify(forged));
  assert.is(await status(rig, "bad"), "failed");
  assert.is(await status(rig, "bad", ...untrusted(rig)), "failed");
  assert.equal(readdirSync(inTree), [name], "it is not even touched");
});

test("what an untrusted run said is repeated to untrusted runs alone", async ({ rig }) => {
  assert.is(await status(rig, "good", ...untrusted(rig)), "passed");
  assert.is(await status(rig, "good", ...untrusted(rig)), "cached");
  const { code, stderr } = await rig.pikaci("rerun");
  assert.is(code, 2, stderr);
  assert.match(stderr, "job good ran for an untrusted tree\nhint: add `--untrusted`");
  assert.is((await rig.pikaci("rerun", ...untrusted(rig))).code, 0);
  assert.is(await status(rig, "good"), "passed");
  assert.is(await status(rig, "good"), "cached");
});

test("a record without a seal is shown as foreign, and nothing is done by it", async ({ rig }) => {
  await status(rig, "good");
  const file = join(rig.dir, ".pikaci/runs", rig.record().run_id, "run.json");
  const { mac: _, ...record } = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...record, state: "detached", status: null, exit_code: null }));
  for (const words of [
    ["rerun"],
    ["attach"],
    ["cancel", "latest"],
    ["pin", "latest"],
    ["shell", "good", "--run", "latest"],
  ]) {
    const { code, stderr } = await rig.pikaci(...words);
    assert.is(code, 4, `${words.join(" ")}: ${stderr}`);
    assert.match(
      stderr,
      "was not recorded by this account in this workspace\nhint: it may have come with the tree",
    );
  }
  assert.match((await rig.pikaci("list")).stdout, "foreign");
  assert.match((await rig.pikaci("status")).stdout, "foreign   not recorded by this account");
  assert.is((await rig.pikaci("report")).code, 0);
  const page = readFileSync(join(file, "../report.html"), "utf8");
  assert.match(page, "foreign: not recorded by this account");
});

test("without a home nothing is remembered, and that is said", async ({ rig }) => {
  const homeless = openRig({ HOME: "", XDG_CACHE_HOME: "", XDG_STATE_HOME: "relative" });
  homeless.write({ file: "" });
  const { code, stderr } = await homeless.pikaci("snapshot");
  homeless.remove();
  assert.is(code, 0, stderr);
  assert.match(stderr, "nothing is remembered of this workspace");
  assert.ok(rig.dir !== homeless.dir);
});

test.run();
