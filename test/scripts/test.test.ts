import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";

function runTests(...args: string[]): { lines: string[]; code: number | null } {
  const command = ["--import", "tsx", "scripts/test.ts", ...args];
  const { stdout, status } = spawnSync(process.execPath, command, { encoding: "utf8" });
  return { lines: stdout.trimEnd().split("\n"), code: status };
}

test("no file matched is an error", () => {
  const { lines, code } = runTests("no-such-suite");
  assert.equal(lines, ["no test file matches no-such-suite", "0 passed, 1 failed"]);
  assert.is(code, 1);
});

test("chosen files run alone, and the last line counts their tests", () => {
  const { lines, code } = runTests("lab/archive.test.ts");
  assert.match(lines[0] ?? "", /^ok {3}test\/lab\/archive\.test\.ts: 5 passed in [\d.]+ s$/);
  assert.is(lines.at(-1), "5 passed, 0 failed");
  assert.is(code, 0);
});

test("--cpu adds what a file and all that it started used, or says why it cannot", () => {
  const counts = ["cpuacct/cpuacct.usage", "cpu.stat"].some((file) => existsSync(`/sys/fs/cgroup/${file}`));
  const { lines } = runTests("--cpu", "lab/archive.test.ts");
  if (!counts) assert.match(lines.join("\n"), "no control groups that count");
  else if (process.getuid?.() === 0)
    assert.match(lines[0] ?? "", / in [\d.]+ s, 0\.[1-9] s of processor time$/);
  else assert.match(lines.join("\n"), /EACCES|EROFS/);
});

test.run();
