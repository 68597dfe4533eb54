// needs: nix
// time-limit: 300
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../scripts/suites/children.ts";
import { EXAMPLE_NAMES, exampleFile, openExample } from "./project.ts";

const test = suite("examples");

test("the client of the library runs the flake, and tells what its job left", () => {
  const { rig, home, remove } = openExample("flake");
  try {
    const client = childWords("examples/library/client.ts");
    const { status, stdout, stderr } = spawnSync(process.execPath, [...client, rig.dir], {
      env: { ...process.env, HOME: home },
      encoding: "utf8",
    });
    assert.is(status, 0, stderr);
    assert.equal(JSON.parse(stdout), { job: "count", status: "passed", artifacts: ["words"] });
    assert.is(rig.jobFile("count", "guest.log"), "6\n");
    assert.match(rig.record().jobs[0]?.prepared["tools"] ?? "", /^\/nix\/store\/[a-z0-9]{32}-tools$/);
  } finally {
    remove();
  }
});

test("each has a README of about 20 lines, and a configuration where it is a project", () => {
  assert.equal(EXAMPLE_NAMES, [
    "c",
    "flake",
    "go",
    "library",
    "node",
    "postgresql",
    "python",
    "redis",
    "rust",
  ]);
  for (const name of EXAMPLE_NAMES) {
    const lines = readFileSync(exampleFile(name, "README.md"), "utf8").split("\n").length;
    assert.ok(lines >= 12 && lines <= 26, `${name}: ${lines} lines`);
    assert.is(existsSync(exampleFile(name, "pikaci.config.json")), name !== "library", name);
  }
});

test.run();
