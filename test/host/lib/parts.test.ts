import { execFileSync } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces } from "../../workspace.ts";
import { callHost, SHELLS } from "../call.ts";

const test = suite("host lib: parts");
test.after(removeWorkspaces);

const MIB = 1 << 20;
const long = Buffer.alloc(2 * MIB + 3, "abc\0\n");
const framed = (...parts: readonly Buffer[]) =>
  Buffer.concat(parts.flatMap((part) => [Buffer.from(`log ${part.length}\n`), part]));

/** A host's own programs, also where Debian's busybox would take its applets. */
const programs = 'head() { /usr/bin/head "$@"; }; tar() { /usr/bin/tar "$@"; }';

/** Makes a file longer by a hole and a byte. */
function writeAt(file: string, place: number): void {
  const fd = openSync(file, "a+");
  ftruncateSync(fd, place);
  writeSync(fd, "x");
  closeSync(fd);
}

const cases: readonly (readonly [input: Buffer, bytes: number, output: Buffer])[] = [
  [Buffer.from("hello\n"), 6, framed(Buffer.from("hello\n"))],
  [Buffer.from("hello\n"), 0, Buffer.alloc(0)],
  [Buffer.from("what follows stays"), 4, framed(Buffer.from("what"))],
  [long.subarray(0, MIB), MIB, framed(long.subarray(0, MIB))],
  [long, long.length, framed(long.subarray(0, MIB), long.subarray(MIB, 2 * MIB), long.subarray(2 * MIB))],
];

for (const shell of SHELLS) {
  for (const [input, bytes, output] of cases)
    test(`${shell}: ${bytes} of ${input.length} bytes in parts`, () => {
      const called = callHost(shell, ["lib/parts"], ["send_parts", "log", String(bytes)], {
        input,
        before: programs,
      });
      assert.is(called.status, 0);
      assert.ok(called.output.equals(output));
    });

  test(`${shell}: the command is called after each part, with its words`, () => {
    const call = ["send_parts", "log", String(long.length), "noted", "a  b", "*"] as const;
    const before = `${programs}; noted() { printf "%s|" "$@" >&2; }`;
    assert.is(callHost(shell, ["lib/parts"], call, { input: long, before }).stderr, "a  b|*|".repeat(3));
  });

  test(`${shell}: a failed read is not called sent`, () => {
    const before = "head() { return 3; }";
    assert.is(callHost(shell, ["lib/parts"], ["send_parts", "log", "5"], { before }).status, 3);
  });

  test(`${shell}: the bytes of a tar are known before it is made`, () => {
    const cwd = makeDirectory();
    mkdirSync(join(cwd, "tree/a\nb"), { recursive: true });
    writeFileSync(join(cwd, "tree/a\nb/-c"), long);
    symlinkSync("nowhere", join(cwd, "tree/link"));
    const bytes = () =>
      callHost(shell, ["lib/parts"], ["tar_bytes", "tree"], { cwd, before: programs }).stdout;
    const tar = execFileSync("tar", ["-cf", "-", "-C", "tree", "."], { cwd, maxBuffer: 1 << 24 });
    assert.is(bytes(), `${tar.length}\n`);
    for (const place of [0, 1, 2, 3, 4, 5, 6]) writeAt(join(cwd, "tree/holes"), place * MIB * 10);
    const sparse = callHost(shell, ["lib/parts"], ["tar_out", "tree", "-"], { cwd, before: programs });
    assert.ok(sparse.output.length < tar.length + 100_000);
    assert.is(bytes(), `${sparse.output.length}\n`);
    assert.is(callHost(shell, ["lib/parts"], ["tar_bytes", "absent"], { cwd, before: programs }).stdout, "");
  });

  test(`${shell}: a shell that begins with the text has them`, () => {
    const before = `apart() { sh -c "$sending"'; send_parts log 1'; }`;
    assert.is(callHost(shell, ["lib/parts"], ["apart"], { input: "x", before }).stdout, "log 1\nx");
  });
}

test.run();
