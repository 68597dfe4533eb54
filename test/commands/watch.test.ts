// needs: nix
// time-limit: 300
import { rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { eventually, openRig, type Rig } from "../lab/rig.ts";
import { startWatch, type Watching } from "../lab/watching.ts";

const test = suite<{ rig: Rig; watches: Pick<Watching, "child" | "stop">[] }>(
  "pikaci watch without a terminal",
);

const JOBS = {
  unit: { command: "cat src/a; ! grep -q bad src/a", inputs: ["src/**"] },
  docs: { command: "cat docs/d", inputs: ["docs/**"] },
};

test.before.each((context) => {
  const rig = openRig({ PIKACI_NO_CACHE: "" });
  context.rig = rig;
  context.watches = [];
  configure(rig, JOBS);
  rig.write({ "src/a": "good\n", "docs/d": "1\n", ".gitignore": "ignored\n" });
});
test.after.each(async ({ rig, watches }) => {
  for (const watch of watches) if (watch.child.exitCode === null) await watch.stop();
  rig.remove();
});

function configure(rig: Rig, jobs: object, more: object = {}): void {
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs,
    ...more,
  });
}

function begin(
  { rig, watches }: { rig: Rig; watches: Pick<Watching, "child" | "stop">[] },
  ...words: string[]
): Watching {
  const watch = startWatch(rig, ...words);
  watches.push(watch);
  return watch;
}

const verdicts = ({ jobs }: { jobs: readonly { job: string; result: { status: string } | null }[] }) =>
  jobs.map(({ job, result }) => `${job} ${result?.status}`);

test("a change runs the jobs that it touches; what nobody depends on runs nothing; verdicts are kept as records", async (context) => {
  const { rig } = context;
  const watch = begin(context);
  assert.equal(verdicts(await watch.answer(1)), ["docs passed", "unit passed"]);
  await watch.says("watching 3 directories");
  rig.write({ "src/a": "bad\n" });
  assert.equal(verdicts(await watch.answer(2)), ["unit failed"]);
  await watch.says("changed src/a: unit");
  // None of these concerns a job; the last one does, so that they were seen by then.
  rig.write({ README: "x", "ignored/file": "x", "new/directory/file": "x" });
  rig.write({ "docs/d": "2\n" });
  assert.equal(verdicts(await watch.answer(3)), ["docs passed"]);
  rig.write({ "src/a": "good\n" });
  assert.equal(verdicts(await watch.answer(4)), ["unit cached"]);
  assert.is(watch.runs().length, 4);
  const ended = await watch.stop();
  assert.is(ended.code, 130, ended.stderr);
  const list = await rig.pikaci("list", "--json");
  assert.is(JSON.parse(list.stdout).length, 4);
});

test("a run that is outdated is cancelled, and the newest tree gets a verdict", async (context) => {
  const { rig } = context;
  configure(rig, { slow: { command: "cat n; [ $(cat n) = 3 ] || sleep 60" } });
  rig.write({ n: "1\n" });
  const watch = begin(context);
  await watch.says("slow │ 1");
  rig.write({ n: "2\n" });
  await watch.says("slow │ 2");
  rig.write({ n: "3\n" });
  const last = await watch.answer(1);
  assert.is(rig.jobFile("slow", "guest.log"), "3\n");
  assert.is(last.status, "passed");
  await watch.says("is cancelled", 2);
  await watch.stop();
  const { stdout } = await rig.pikaci("list", "--json");
  const list: readonly { readonly status: string; readonly error: { readonly message: string } }[] =
    JSON.parse(stdout);
  assert.equal(
    list.map(({ status }) => status),
    ["passed", "cancelled", "cancelled"],
  );
});

test("a wrong configuration is shown, and mending it runs the jobs", async (context) => {
  const { rig } = context;
  rig.write({ "pikaci.config.json": "{ not JSON" });
  const watch = begin(context);
  await watch.says("could not be loaded");
  configure(rig, JOBS);
  assert.equal(verdicts(await watch.answer(1)), ["docs passed", "unit passed"]);
  configure(rig, JOBS, { unknown: true });
  await watch.says("is wrong");
  configure(rig, { ...JOBS, unit: { ...JOBS.unit, command: "true" } });
  assert.equal(verdicts(await watch.answer(2)), ["unit passed"]);
  // What cannot be taken as a snapshot is shown, too.
  rig.shell("mkfifo src/fifo");
  await watch.says("is a socket, FIFO or device");
  rmSync(join(rig.dir, "src/fifo"));
  rig.write({ "src/b": "x" });
  assert.equal(verdicts(await watch.answer(3)), ["unit passed"]);
});

test("words that name nothing are an error at the start: exit 2", async (context) => {
  for (const words of [["nothing"], ["--job", "nothing"], ["--base", "nothing"]]) {
    const { child } = begin(context, ...words);
    assert.is(await eventually("it has ended", 30, () => child.exitCode), 2, words.join(" "));
  }
});

test("its own output in the tree is no change", async (context) => {
  const { rig } = context;
  configure(rig, { all: { command: "ls" } });
  const { child, ended } = rig.start("watch", "--events", "events.jsonl");
  const stop = () => {
    child.kill("SIGINT");
    return ended;
  };
  context.watches.push({ child, stop });
  const records = () => {
    try {
      return [rig.record()].filter(({ state }) => state === "finished");
    } catch {
      return [];
    }
  };
  await eventually("the first run is over", 60, () => (records().length > 0 ? true : null));
  const first = records()[0]?.run_id;
  rig.write({ more: "x" });
  await eventually("the second run is over", 60, () => {
    const id = records()[0]?.run_id;
    return id !== undefined && id !== first ? true : null;
  });
  await stop();
  const list = await rig.pikaci("list", "--json");
  assert.is(JSON.parse(list.stdout).length, 2);
});

test.run();
