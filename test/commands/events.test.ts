// needs: nix
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("--events and --junit");
test.before.each((context) => {
  const rig = openRig({});
  context.rig = rig;
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: { good: { command: "printf 'a\\303\\n'" }, bad: { command: "exit 3" } },
  });
});
test.after.each(({ rig }) => rig.remove());

const schema = z.fromJSONSchema(
  JSON.parse(readFileSync(join(import.meta.dirname, "../../docs/events.schema.json"), "utf8")),
);

interface Line {
  readonly type: string;
  readonly at: string;
  readonly job?: string;
  readonly base64?: string;
  readonly record?: object;
}

function linesOf(text: string): Line[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

test("stdout has every event of the run, by the published schema; events.jsonl is its outline", async ({
  rig,
}) => {
  const { code, stdout, stderr } = await rig.pikaci("run", "--events", "-");
  assert.is(code, 1, stderr);
  const lines = linesOf(stdout);
  for (const line of lines) assert.equal(schema.parse(line), line);
  assert.is(lines[0]?.type, "run-started");
  assert.equal(lines.at(-1)?.record, rig.record());
  const times = lines.map(({ at }) => Date.parse(at));
  assert.equal(times, [...times].sort());
  assert.ok(lines.some(({ job, base64 }) => job === "good" && base64 === "YcMK"));
  const kept = join(rig.dir, ".pikaci/runs", rig.record().run_id, "events.jsonl");
  const outline = linesOf(readFileSync(kept, "utf8"));
  for (const line of outline) assert.equal(schema.parse(line), line);
  assert.equal(
    outline.map(({ type }) => type),
    lines.map(({ type }) => type),
  );
});

test("a file has them too, beside --json, and is no part of the tree", async ({ rig }) => {
  const hash = (await rig.pikaci("snapshot")).stdout.slice(0, 64);
  const { code, stdout } = await rig.pikaci("run", "-q", "--job", "good", "--json", "--events", "e[1].jsonl");
  assert.is(code, 0);
  const last = linesOf(readFileSync(join(rig.dir, "e[1].jsonl"), "utf8")).at(-1);
  assert.equal(last?.record, JSON.parse(stdout));
  assert.is(rig.record().snapshot?.content_hash, hash);
});

test("a full disk: told, and no pass", async ({ rig }) => {
  const { code, stderr } = await rig.pikaci("run", "-q", "--job", "good", "--events", "/dev/full");
  assert.is(code, 3);
  assert.match(stderr, "error: /dev/full is incomplete: ENOSPC\nhint: free space there");
});

test("--junit: the jobs and their guests' tests", async ({ rig }) => {
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: { tap: { command: "printf '1..1\\nnot ok 1 - inner\\n' > /artifacts/a.tap; exit 1" } },
  });
  assert.is((await rig.pikaci("run", "-q", "--junit", "out.xml")).code, 1);
  const text = readFileSync(join(rig.dir, "out.xml"), "utf8");
  assert.match(text, '<testcase name="inner" classname=""><failure');
  assert.match(text, 'tests="2" failures="2"');
});

const wrong = [
  [["--json", "--events", "-"], "--json and --events - both want stdout", "--events FILE"],
  [["--junit", "no/such/file"], "--junit: cannot write", "name a file in a directory that exists"],
  [["--events", "no/such/file"], "no/such/file: ENOENT", "name a file in a directory that exists"],
] as const;
for (const [args, message, hint] of wrong) {
  test(`run ${args.join(" ")}: exit 2, no run`, async ({ rig }) => {
    const { code, stdout, stderr } = await rig.pikaci("run", ...args);
    assert.equal([code, stdout], [2, ""]);
    assert.match(stderr, message);
    assert.match(stderr, hint);
    assert.match((await rig.pikaci("list")).stderr, "no runs");
  });
}

for (const args of [
  ["--config", "no.json"],
  ["--junit", "no/such/file"],
])
  test(`run ${args.join(" ")}: files for output stay as they were, or away`, async ({ rig }) => {
    rig.write({ "old.xml": "old" });
    for (const file of ["new.xml", "old.xml"]) {
      const { code } = await rig.pikaci("run", "--events", file, ...args);
      assert.is(code, 2);
    }
    assert.is(readFileSync(join(rig.dir, "old.xml"), "utf8"), "old");
    assert.not.ok(existsSync(join(rig.dir, "new.xml")));
  });

test.run();
