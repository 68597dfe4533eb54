import { test } from "uvu";
import * as assert from "uvu/assert";
import { inTurn, laneCount, runInLanes } from "../../scripts/suites/lanes.ts";
import { parseSuite, type Suite } from "../../scripts/suites/suite.ts";

const suite = (name: string, timeLimit: number, alone = "") =>
  parseSuite(name, `// time-limit: ${timeLimit}\n${alone === "" ? "" : `// alone: ${alone}\n`}\n`);
const names = (suites: readonly Suite[]) => suites.map(({ file }) => file).join(" ");
const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

test("three lanes per core, and never so many that their hosts fill the memory", () => {
  const many = 2 ** 40;
  assert.equal(
    [1, 2, 4, 64].map((cores) => laneCount(cores, many)),
    [3, 6, 8, 8],
  );
  assert.equal(
    [1e8, 4 * 2 ** 30, 6.5 * 2 ** 30].map((bytes) => laneCount(2, bytes)),
    [1, 4, 6],
  );
});

test("the longest comes first; what measures comes after all others", () => {
  const { together, alone } = inTurn([suite("a", 10), suite("b", 99, "it measures"), suite("c", 30)]);
  assert.equal([names(together), names(alone)], ["c a", "b"]);
});

test("as many run at once as there are lanes, and nothing beside what measures", async () => {
  const suites = [..."abcdef"].map((name) => suite(name, 10, name < "c" ? "it measures" : ""));
  const running = new Set<string>();
  let most = 0;
  const ran = await runInLanes(3, suites, async ({ file, alone }) => {
    running.add(file);
    most = Math.max(most, running.size);
    if (alone) assert.equal([...running], [file]);
    await pause();
    if (alone) assert.equal([...running], [file]);
    running.delete(file);
    return file;
  });
  assert.is(most, 3);
  assert.equal(ran.sort(), [..."abcdef"]);
});

test.run();
