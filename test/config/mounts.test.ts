import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseConfig } from "../../src/config/load.ts";
import { checkMounts } from "../../src/config/mounts.ts";
import { bytePath } from "../../src/core/byte-path.ts";
import { ConfigError } from "../../src/core/errors.ts";
import type { EntryType } from "../../src/core/snapshot.ts";
import { blake3Hex } from "../../src/system/blake3.ts";

type At = string | readonly string[];

function jobsWith(prepare: Readonly<Record<string, At>>) {
  const outputs = Object.fromEntries(
    Object.entries(prepare).map(([name, at]) => [name, { path: "node_modules", at }]),
  );
  return Object.values(
    parseConfig({ jobs: { unit: { command: "true", prepare: outputs } } }, "/w", null).jobs,
  );
}

const taken: readonly [Record<string, At>, Record<string, readonly string[]>][] = [
  [{ a: "node_modules" }, { a: ["node_modules"] }],
  [{ a: "./b//c/" }, { a: ["b/c"] }],
  [
    { b: ["y", "x y=z"], a: "ü" },
    { a: ["ü"], b: ["x y=z", "y"] },
  ],
  [
    { a: "packages/a/node_modules", b: "node_modules" },
    { a: ["packages/a/node_modules"], b: ["node_modules"] },
  ],
  [
    { a: "lib", b: "lib64" },
    { a: ["lib"], b: ["lib64"] },
  ],
  [{ a: ".gitlab" }, { a: [".gitlab"] }],
];

for (const [prepare, mounts] of taken)
  test(`${JSON.stringify(prepare)} is ${JSON.stringify(mounts)}`, () => {
    assert.equal(jobsWith(prepare)[0]?.mounts, mounts);
  });

test("an output of a flake has places as well, and a job without any has no mounts", () => {
  const prepare = { tools: { installable: "#tools", at: "tools" }, other: "#other" };
  const { jobs } = parseConfig({ jobs: { a: { command: "x", prepare }, b: { command: "x" } } }, "/w", null);
  assert.equal(jobs.a?.mounts, { tools: ["tools"] });
  assert.equal(jobs.a?.prepare.tools, { kind: "installable", installable: ".#tools" });
  assert.not.ok("mounts" in (jobs.b ?? {}));
});

const refused: readonly [Record<string, At>, RegExp][] = [
  [{ a: "/node_modules" }, /^jobs\.unit\.prepare\.a\.at: "\/node_modules" must be relative to \/workspace$/m],
  [{ a: "../x" }, /must not hold `\.\.`/],
  [{ a: "x/../y" }, /must not hold `\.\.`/],
  [{ a: "." }, /must be a path below \/workspace, not all of it/],
  [{ a: "" }, /a\.at: is empty/],
  [{ a: [] }, /a\.at: is empty/],
  [{ a: [""] }, /"" must be a path below/],
  [{ a: ".git" }, /must not lie in `\.git`/],
  [{ a: "sub/.GIT/hooks" }, /must not lie in `\.git`/],
  [{ a: "x\ny" }, /must not hold control characters/],
  [{ a: ["x", "./x"] }, /"\.\/x" is where a is mounted already/],
  [{ a: "x", b: "x/" }, /b\.at: "x\/" is where a is mounted already/],
  [{ a: "x/y/z", b: "x" }, /a\.at: "x\/y\/z" lies in "x", where b is mounted/],
  [{ a: "x", b: "x/y" }, /b\.at: "x\/y" lies in "x", where a is mounted/],
];

for (const [prepare, message] of refused)
  test(`${JSON.stringify(prepare)} is an error of the configuration`, () => {
    assert.throws(
      () => jobsWith(prepare),
      (error: unknown) => error instanceof ConfigError && message.test(error.message),
    );
  });

const entry = (name: string, type: EntryType) => ({
  path: bytePath(Buffer.from(name)),
  type,
  size: 0,
  stat: "",
  digest: blake3Hex(Buffer.alloc(0)),
});

const trees: readonly [string, EntryType, string, RegExp | null][] = [
  ["src/a.ts", "file", "node_modules", null],
  ["src/a.ts", "file", "src/node_modules", null],
  ["node_modules", "directory", "node_modules", null],
  ["node_modules2/x", "file", "node_modules", null],
  ["sub", "directory", "sub/node_modules", null],
  ["node_modules/x", "file", "node_modules", /has the file "node_modules\/x"/],
  ["node_modules/x", "directory", "node_modules", /has the directory/],
  ["node_modules", "symlink", "node_modules", /has the symlink "node_modules"/],
  ["tool", "executable", "tool", /has the file "tool"/],
  ["sub", "symlink", "sub/node_modules", /has the symlink "sub"/],
  ["ü", "file", "ü", /has the file "ü"/],
  ["new\nline/x", "file", "new", null],
];

for (const [path, type, at, message] of trees)
  test(`${JSON.stringify(at)} in a snapshot with the ${type} ${JSON.stringify(path)}`, () => {
    const check = () => checkMounts(jobsWith({ a: at }), { entries: [entry(path, type)] });
    if (message === null) check();
    else
      assert.throws(
        check,
        (error: unknown) =>
          error instanceof ConfigError && error.exitCode === 2 && message.test(error.message),
      );
  });

test.run();
