import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ROOT } from "../../scripts/bundle.ts";
import { compiledIn } from "../../scripts/suites/children.ts";
import { compileSuites } from "../../scripts/suites/compile.ts";
import { ownDirectory } from "../../scripts/suites/own-directory.ts";

const test = suite("test files are compiled before they run");
const FILE = "test/fixtures/suites/place.ts";

test("a compiled module finds itself where its source lies, and errors name the source's lines", async () => {
  const compiled = compiledIn(await compileSuites([FILE]), FILE);
  const source = resolve(FILE);
  const { stdout, stderr } = spawnSync(process.execPath, ["--enable-source-maps", compiled], {
    encoding: "utf8",
  });
  assert.equal(JSON.parse(stdout), [source, dirname(source), source, true], stderr);
  assert.match(stderr, `${source}:7:7`);
});

test("what a killed process compiled is removed, what a living one compiled is not", () => {
  const killed = spawnSync("true").pid;
  const [dead, living] = [`dist-test-${killed}-suites`, `dist-test-${process.ppid}-compile-test`];
  for (const name of [dead, living]) mkdirSync(join(ROOT, name));
  try {
    ownDirectory("other");
    assert.equal(
      [dead, living].map((name) => existsSync(join(ROOT, name))),
      [false, true],
    );
  } finally {
    for (const name of [dead, living]) rmSync(join(ROOT, name), { recursive: true, force: true });
  }
});

test.run();
