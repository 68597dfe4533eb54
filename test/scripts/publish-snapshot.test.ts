// needs: nix
// time-limit: 60
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../scripts/suites/children.ts";
import { makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";

const test = suite("publish-snapshot");
test.after(removeWorkspaces);

const SCRIPT = childWords("scripts/publish-snapshot.ts");

function script(home: string, ...args: string[]) {
  const env = { PATH: process.env.PATH, HOME: home };
  return spawnSync(process.execPath, [...SCRIPT, ...args], { env, encoding: "utf8" });
}

test("publishes, then reuses, with data on stdout alone", () => {
  const [home, tree] = [makeDirectory(), makeDirectory()];
  writeFiles(tree, { "a/b": "hello" });
  const first = script(home, tree, "--on", "local");
  assert.is(first.status, 0, first.stderr);
  const cold = JSON.parse(first.stdout);
  assert.is(cold.outcome, "uploaded");
  assert.equal([cold.file_count, cold.byte_count], [1, 5]);
  assert.ok(existsSync(join(cold.remote_dir, "snapshot/a/b")));
  const warm = JSON.parse(script(home, tree).stdout);
  assert.equal(warm, { ...cold, outcome: "reused", bytes_sent: 0 });
});

test("help, a wrong option and an unreachable host have their exit codes", () => {
  const home = makeDirectory();
  const help = script(home, "--help");
  assert.is(help.status, 0);
  assert.match(help.stdout, "Usage: publish-snapshot.ts");
  const wrong = script(home, "--nonsense");
  assert.is(wrong.status, 2);
  assert.is(wrong.stdout, "");
  const refused = script(home, home, "--on", "ssh://127.0.0.1:1");
  assert.is(refused.status, 3);
  assert.match(refused.stderr, /refused the connection(.|\n)*hint: /);
});

test.run();
