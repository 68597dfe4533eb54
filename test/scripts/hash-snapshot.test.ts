import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../scripts/suites/children.ts";
import { contentHashOf } from "../../src/system/blake3.ts";
import { hash } from "../../src/tree/hash.ts";
import { snapshot } from "../../src/tree/snapshot.ts";
import { git, makeContext, makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";

const test = suite("hash-snapshot script");
test.after(removeWorkspaces);

function script(...args: string[]) {
  return spawnSync(process.execPath, [...childWords("scripts/hash-snapshot.ts"), ...args], {
    encoding: "utf8",
  });
}

test("prints what the stages find, on stdout alone; the manifest has that hash", async () => {
  const root = makeDirectory();
  writeFiles(root, {
    a: "1",
    "b.log": "2",
    "pikaci.config.json": '{"snapshot":{"exclude":["*.log"]},"jobs":{"j":{"command":"true"}}}',
  });
  git(root, "init", "-q");
  const file = join(makeDirectory(), "manifest");
  const { status, stdout, stderr } = script(root, "--manifest", file);
  assert.is(`${status} ${stderr}`, "0 ");
  const printed = JSON.parse(stdout);
  const filters = { include: [], exclude: ["*.log"] };
  const hashed = await hash(await snapshot({ workspace: root, filters }, makeContext()), makeContext());
  assert.is(printed.content_hash, hashed.contentHash);
  assert.is(printed.file_count, 2);
  assert.equal(printed.left_out, [{ rule: "snapshot.exclude: *.log", count: 1, paths: ["b.log"] }]);
  assert.is(contentHashOf(readFileSync(file)), hashed.contentHash);
});

test("--help, an unknown option, a missing workspace and a FIFO have their exit codes", () => {
  assert.match(script("--help").stdout, /^Usage: hash-snapshot/);
  assert.is(script("--nope").status, 2);
  assert.is(script("/nonexistent").status, 2);
  const root = makeDirectory();
  mkdirSync(join(root, "run"));
  execFileSync("mkfifo", [join(root, "run/pipe")]);
  const { status, stdout, stderr } = script(root);
  assert.is(status, 5);
  assert.is(stdout, "");
  assert.match(stderr, /error: "run\/pipe" is a socket, FIFO or device\nhint: remove it/);
});

test.run();
