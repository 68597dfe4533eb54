import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../scripts/suites/children.ts";
import { renderRunner } from "../../src/guest/runner-flake.ts";

const test = suite("render-runner script");
const root = mkdtempSync(join(tmpdir(), "pikaci-render-"));
test.after(() => rmSync(root, { recursive: true }));

function script(...args: string[]) {
  return spawnSync(process.execPath, [...childWords("scripts/render-runner.ts"), ...args], {
    encoding: "utf8",
  });
}

test("prints what the stage renders and writes it", () => {
  const out = join(root, "runner");
  const { status, stdout, stderr } = script("--out", out);
  assert.is(`${status} ${stderr}`, "0 ");
  const { contentHash, files } = renderRunner({ backend: "sandbox" });
  const printed = JSON.parse(stdout);
  assert.equal([printed.content_hash, printed.directory], [contentHash, out]);
  for (const { path, content, executable } of files) {
    assert.ok(readFileSync(join(out, path)).equals(content));
    assert.is((statSync(join(out, path)).mode & 0o100) !== 0, executable);
  }
  const again = script("--out", out);
  assert.is(again.status, 2);
  assert.match(again.stderr, /is not empty\nhint: /);
});

test("--help, an unknown option and an unknown backend have their exit codes", () => {
  const help = script("--help");
  assert.is(help.status, 0);
  assert.match(help.stdout, /^Usage: render-runner\.ts/);
  assert.is(script("--nonsense").status, 2);
  const unknown = script("--runner", "moon");
  assert.is(unknown.status, 2);
  assert.match(unknown.stderr, /not a machine shape: moon\nhint: /);
  assert.is(unknown.stdout, "");
});

test.run();
