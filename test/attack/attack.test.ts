// needs: nix
// time-limit: 120
import { readFileSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CLI } from "../lab/rig.ts";
import { makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";
import { casesOf, interleaved, nameOf, parseShard, sample, tryCase } from "./corrupt.ts";
import { openWitness, type Seen } from "./evidence.ts";
import { AREAS, openScene, type Scene } from "./scene.ts";
import { touches } from "./touched.ts";

/** A few of those that `npm run test:attack` tries, always the same. */
const SAMPLE = 3;

const test = suite<{ scene: Scene }>("attack");
test.before(async (context) => {
  context.scene = await openScene();
});
test.after(({ scene }) => {
  scene.close();
  removeWorkspaces();
});

test("documents in three places can be corrupted, as anybody and as this account", ({ scene }) => {
  const names = casesOf(scene).map(nameOf);
  for (const kind of [/^records .*[^d]$/, /^records .*, sealed$/, /^memory /, /^host /])
    assert.ok(names.filter((name) => kind.test(name)).length > 100, String(kind));
  assert.is(new Set(names).size, names.length);
});

test("no document lies outside of its area: a work dir has links into this machine's Nix store", ({
  scene,
}) => {
  for (const area of AREAS)
    for (const file of [...scene.files[area], ...(area === "host" ? scene.mounted : [])])
      assert.is(realpathSync(join(scene.root[area], file)), join(realpathSync(scene.root[area]), file));
});

test("a link that leads out of an area is not followed", ({ scene }) => {
  const outside = makeDirectory();
  writeFiles(outside, { file: "mine" });
  symlinkSync(outside, join(scene.root.host, "link"));
  const emptied = { what: "emptied", bytes: Buffer.alloc(0) };
  assert.throws(() => scene.corrupt("host", "link/file", emptied, false), /link\/file lies in /);
  assert.is(readFileSync(join(outside, "file"), "utf8"), "mine");
  scene.restore();
});

test("shards are all of them together, and none is in two", ({ scene }) => {
  const parts = ["1/3", "2/3", "3/3"].map((text) => casesOf(scene, parseShard(text)).map(nameOf));
  assert.equal(parts.flat().sort(), casesOf(scene).map(nameOf).sort());
  for (const part of parts) assert.ok(part.length > 1000, String(part.length));
  for (const text of ["0/3", "4/3", "3", "a/b", "1/3/5"])
    assert.throws(() => parseShard(text), /is no shard/);
});

test("the beginning of an interleaved list is spread over all of it", () => {
  for (const length of [0, 1, 2, 3, 10, 12, 97, 4000]) {
    const all = Array.from({ length }, (_, at) => at);
    const order = interleaved(all);
    assert.equal(
      [...order].sort((a, b) => a - b),
      all,
    );
    const tenths = new Set(order.slice(0, 40).map((at) => Math.floor((at / length) * 10)));
    if (length > 40) assert.is(tenths.size, 10);
  }
});

test("a command that touches no corrupted document is left out, and no other", async ({ scene }) => {
  const witness = openWitness(scene, CLI);
  const run = join("runs", scene.finished);
  const [list, verify] = await witness([["list"], ["verify", scene.finished]]);
  const sees = (seen: readonly Seen[] | undefined, file: string) =>
    seen?.map(({ touched }) => touches(touched, scene.root.records, join(run, file), "file"));
  assert.equal(sees(list, "run.json"), [true, true]);
  assert.equal(sees(list, "jobs/good/guest.log"), [false, false]);
  assert.equal(sees(verify, "jobs/good/guest.log"), [true, true]);
  assert.equal(
    [list, verify].map((seen) => seen?.map(({ code }) => code)),
    [
      [0, 0],
      [0, 0],
    ],
  );
});

/** What was broken: each ended as a bug in pikaci, or without a word about what lies there. */
const FOUND = [
  /^records .*finished\/plan\.json: a directory$/,
  /^records .*finished\/jobs\/good\/guest\.log: a directory$/,
  /^memory verdicts\/[0-9a-f]+\.json: a directory$/,
];

test("no command ends as a fault for what was broken once, or for a sample of all", async ({ scene }) => {
  const all = casesOf(scene);
  const once = FOUND.map((wanted) => {
    const found = all.find((one) => wanted.test(nameOf(one).replace(scene.finished, "finished")));
    if (found === undefined) throw new Error(`no case ${wanted}`);
    return found;
  });
  for (const one of [...once, ...sample(all, SAMPLE)]) {
    const { name, problems } = await tryCase(scene, one);
    assert.equal(problems, [], name);
  }
});

test.run();
