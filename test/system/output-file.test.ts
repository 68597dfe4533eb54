import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../src/core/errors.ts";
import { OutputFile } from "../../src/system/output-file.ts";

const test = suite("files that the user named for output");
const directory = mkdtempSync(join(tmpdir(), "pikaci-output-"));
test.after(() => rmSync(directory, { recursive: true }));

/** Before, how it is opened, what is written, and what is there afterwards; null: no file. */
const table: readonly (readonly [string, string | null, "w" | "a", readonly string[], string | null])[] = [
  ["new, unused", null, "w", [], null],
  ["new, unused, to append to", null, "a", [], null],
  ["old, unused", "old", "w", [], "old"],
  ["old and empty, unused", "", "w", [], ""],
  ["new", null, "w", ["a", "b"], "ab"],
  ["old and longer", "old and longer", "w", ["a", "b"], "ab"],
  ["old, to append to", "old ", "a", ["a", "b"], "old ab"],
  ["written, with nothing", null, "w", [""], ""],
];
for (const [name, before, flags, parts, after] of table)
  test(name, () => {
    const path = join(directory, name);
    if (before !== null) writeFileSync(path, before);
    const file = new OutputFile(path, "--x", flags);
    for (const part of parts) file.write(part);
    assert.is(file.close(), null);
    assert.is(existsSync(path) ? readFileSync(path, "utf8") : null, after);
  });

test("a file of another writer meanwhile is not removed", () => {
  const path = join(directory, "shared");
  const file = new OutputFile(path, "--x");
  writeFileSync(path, "theirs");
  assert.is(file.close(), null);
  assert.is(readFileSync(path, "utf8"), "theirs");
});

test("a device is written to", () => {
  const file = new OutputFile("/dev/null", "--x");
  file.write("a");
  assert.is(file.close(), null);
});

test("what cannot be opened is refused at once, what cannot be written is told at the end", () => {
  try {
    new OutputFile(join(directory, "no/such"), "--x");
    assert.unreachable();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    assert.match(error.message, /^--x: cannot write .*no\/such: ENOENT$/);
    assert.match(error.hint ?? "", "name a file in a directory that exists");
    assert.is(error.exitCode, 2);
  }
  const full = new OutputFile("/dev/full", "--x");
  full.write("a");
  full.write("b");
  const failure = full.close();
  assert.is(failure?.message, "/dev/full is incomplete: ENOSPC");
  assert.match(failure?.hint ?? "", "free space there");
});

test.run();
