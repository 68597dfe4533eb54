// needs: nix
// time-limit: 120
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { casesOf, nameOf, sample, tryCase } from "./corrupt.ts";
import { openScene, type Scene } from "./scene.ts";

/** A few of those that `npm run test:attack` tries, of every area; always the same. */
const SAMPLE = 6;

const test = suite<{ scene: Scene }>("attack");
test.before(async (context) => {
  context.scene = await openScene();
});
test.after(({ scene }) => scene.close());

test("documents in three places can be corrupted, as anybody and as this account", ({ scene }) => {
  const names = casesOf(scene).map(nameOf);
  for (const kind of [/^records .*[^d]$/, /^records .*, sealed$/, /^memory /, /^host /])
    assert.ok(names.filter((name) => kind.test(name)).length > 100, String(kind));
  assert.is(new Set(names).size, names.length);
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
