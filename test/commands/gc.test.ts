// needs: nix
// time-limit: 240
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { eventually, openRig, type Rig } from "../lab/rig.ts";
import { makeOlder } from "../publish/older-layout.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

/** The host's `date +%s` is `later` seconds ahead: inode times, which it is compared with, cannot be set. */
const bin = makeDirectory();
writeFileSync(
  join(bin, "date"),
  `#!/bin/sh\n[ "$*" != +%s ] || { echo $(($(/usr/bin/date +%s) + $(cat ${bin}/later))); exit; }\nexec /usr/bin/date "$@"\n`,
  { mode: 0o755 },
);
const later = (seconds: number) => writeFileSync(join(bin, "later"), String(seconds));

const test = suite<{ rig: Rig }>("garbage on this machine");
test.before.each((context) => {
  later(0);
  const rig = openRig({ PATH: `${bin}:${process.env.PATH}` });
  context.rig = rig;
  rig.write({ file: "one\n" });
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: { x: { command: "cat file; echo kept >/artifacts/a" }, slow: { command: "cat file; sleep 20" } },
    defaultTarget: "x",
    targets: { x: { jobs: ["x"] } },
  });
});
test.after.each(({ rig }) => rig.remove());
test.after(removeWorkspaces);

const EVERYTHING = ["--keep-last", "0", "--keep-failed", "0"];

function work(rig: Rig, kind: string): string[] {
  return readdirSync(join(rig.dir, ".pikaci/work", kind));
}

async function passes(rig: Rig, ...args: string[]): Promise<string> {
  const ended = await rig.pikaci("run", ...args);
  assert.is(ended.code, 0, ended.stderr);
  return rig.record().run_id;
}

/** As if the newest run had ended long ago, for this machine. */
function agedHere(rig: Rig, id: string): void {
  rig.alter(id, { finished_at: "2026-01-01T00:00:00Z" });
}

test("what was just used stays; later it goes, with an account, and the next run passes", async ({ rig }) => {
  const id = await passes(rig);
  const young = await rig.pikaci("gc", ...EVERYTHING, "--max-age", "1s");
  assert.is(young.code, 0, young.stderr);
  assert.match(young.stdout, /local\n {2}0 things gone, 0 B; \d+ stay/);
  later(7200);
  agedHere(rig, id);
  const dry = await rig.pikaci("gc", ...EVERYTHING, "--dry-run");
  assert.match(dry.stdout, `runs/${id}`);
  assert.match(dry.stdout, /snapshots\/[0-9a-f]{64} {2}\S+ \S+ {2}older than the last 0/);
  assert.match(dry.stdout, /things would go, /);
  assert.is(work(rig, "snapshots").length, 1);

  const gone = await rig.pikaci("gc", ...EVERYTHING, "--json");
  assert.is(gone.code, 0, gone.stderr);
  assert.equal([work(rig, "snapshots"), work(rig, "runs"), work(rig, "tmp")], [[], [], []]);
  assert.not(existsSync(join(rig.dir, ".pikaci/runs", id)));
  assert.is(work(rig, "runners").length, 1);
  await rig.pikaci("gc", "--max-age", "1h");
  assert.equal([work(rig, "runners"), work(rig, "runner-flakes")], [[], []]);
  later(0);
  await passes(rig);
});

test("what a run that lives has, stays", async ({ rig }) => {
  const client = rig.start("run", "--job", "slow");
  await eventually("it runs", 60, () =>
    existsSync(join(rig.dir, ".pikaci/runs")) && rig.jobFile("slow", "guest.log") !== "" ? true : null,
  );
  later(7200);
  const gc = await rig.pikaci("gc", ...EVERYTHING, "--max-age", "1s");
  assert.is(gc.code, 0, gc.stderr);
  assert.match(gc.stdout, /local\n {2}0 things gone/);
  assert.equal(
    [work(rig, "snapshots").length, work(rig, "runners").length, work(rig, "runs").length],
    [1, 1, 1],
  );
  assert.is((await client.ended).code, 0);
});

test("a pinned run and its snapshot stay, until they are let go", async ({ rig }) => {
  const pinned = await passes(rig);
  assert.is((await rig.pikaci("pin", "latest")).code, 0);
  agedHere(rig, pinned);
  rig.write({ file: "two\n" });
  const other = await passes(rig);
  agedHere(rig, other);
  later(7200);
  await rig.pikaci("gc", ...EVERYTHING);
  assert.equal(work(rig, "runs"), [pinned]);
  assert.is(work(rig, "snapshots").length, 1);
  assert.equal(readdirSync(join(rig.dir, ".pikaci/runs")), [pinned]);
  const again = await rig.pikaci("rerun", pinned);
  assert.is(again.code, 0, again.stderr);
  assert.match(rig.jobFile("x", "guest.log"), "one");
  assert.is((await rig.pikaci("pin", pinned, "--remove")).code, 0);
  later(14_400);
  await rig.pikaci("gc", ...EVERYTHING);
  assert.not(work(rig, "runs").includes(pinned));
  const gone = await rig.pikaci("pin", "latest");
  assert.is(gone.code, 3);
  assert.match(gone.stderr, "what is gone cannot be pinned");
});

test("a snapshot that an older pikaci published goes, unless it is pinned, which can be run again", async ({
  rig,
}) => {
  const pinned = await passes(rig);
  assert.is((await rig.pikaci("pin", "latest")).code, 0);
  const [kept = ""] = work(rig, "snapshots");
  rig.write({ file: "two\n" });
  await passes(rig);
  const gone = work(rig, "snapshots").find((name) => name !== kept) ?? "";
  rig.write({ file: "three\n" });
  await passes(rig);
  for (const hash of [kept, gone]) makeOlder(join(rig.dir, ".pikaci/work/snapshots", hash));
  later(7200);
  const gc = await rig.pikaci("gc");
  assert.match(gc.stdout, new RegExp(`snapshots/${gone} .*published by an older pikaci`));
  const stay = work(rig, "snapshots");
  assert.is(stay.length, 2);
  assert.ok(stay.includes(kept) && !stay.includes(gone), stay.join());
  later(0);
  const again = await rig.pikaci("rerun", pinned);
  assert.is(again.code, 0, again.stderr);
  assert.match(rig.jobFile("x", "guest.log"), "one");
  assert.is(rig.record().snapshot?.outcome, "uploaded");
});

test("a host that cannot be reached is told, and the others are collected", async ({ rig }) => {
  await passes(rig);
  const ended = await rig.pikaci("gc", "--on", "ssh://nobody@127.0.0.1:1", "--on", "local");
  assert.is(ended.code, 3);
  assert.match(ended.stdout, /nobody@127.0.0.1:1\nerror: .*refused/);
  assert.match(ended.stdout, /local\n {2}0 things gone/);
  for (const [option, value] of [
    ["--max-age", "soon"],
    ["--max-size", "big"],
    ["--keep-last", "-1"],
  ] as const) {
    const wrong = await rig.pikaci("gc", `${option}=${value}`);
    assert.is(wrong.code, 2, wrong.stderr);
    assert.match(wrong.stderr, /hint: write/);
  }
});

test.run();
