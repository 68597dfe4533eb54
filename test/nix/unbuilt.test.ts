import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseJobName } from "../../src/core/ids.ts";
import { readBuildLog } from "../../src/nix/build-log.ts";
import { blame, parseUnbuilt, UnbuiltReader } from "../../src/nix/unbuilt.ts";
import { describeUnbuilt, unbuiltError, unbuiltLog } from "../../src/nix/unbuilt-words.ts";
import { failure } from "../stage-rig.ts";

const test = suite("outputs that were not built");
const VERSIONS = ["2.8", "2.26", "2.34"] as const;
const recorded = (name: string) =>
  readFileSync(join(import.meta.dirname, `../fixtures/nix-log/${name}.txt`), "utf8");

/** `good fails dep2 noout signal quiet ref fod` under `--keep-going`: what each version said of its errors. */
const logs = new Map(VERSIONS.map((version) => [version, recorded(`${version}-keep-going`)]));

function drv(log: string, name: string): string {
  return new RegExp(`/nix/store/[0-9a-z]{32}-${name}\\.drv`).exec(log)?.[0] ?? "";
}

function refused(log: string): string {
  return /output '[^/]*(\/nix\/store\/[0-9a-z]{32}-ref)/.exec(log)?.[1] ?? `/nix/store/${"0".repeat(32)}-ref`;
}

const wanted = [
  { name: "fails", reason: /^builder failed with exit code 3$/ },
  { name: "dep", needs: "fails", reason: /^builder failed with exit code 3$/ },
  { name: "dep2", needs: "fails", reason: /^builder failed with exit code 3$/ },
  {
    name: "noout",
    reason: /^builder failed to produce output path for output 'out'$/,
    in2_8: /^builder failed$/,
  },
  {
    name: "signal",
    reason: /^builder failed to produce output path for output 'out'$/,
    in2_8: /^builder failed$/,
  },
  { name: "quiet", reason: /^builder failed with exit code 1$/, in2_8: /^builder failed$/ },
  {
    name: "ref",
    reason: /^output is not allowed to refer to the following paths: \/nix\/store\/\S+-good$/,
    in2_8: /^builder failed$/,
  },
  { name: "fod", fixed: true, reason: /^hash mismatch: specified: sha256-A+= got: sha256-mOpu/, in2_8: null },
] as const;

for (const version of VERSIONS)
  for (const one of wanted) {
    const { name, reason } = one;
    test(`Nix ${version}: ${name}`, () => {
      const log = logs.get(version) ?? "";
      const own = drv(log, name);
      const named = "needs" in one ? [{ derivation: drv(log, one.needs), fixed: false }] : [];
      const unbuilt = {
        key: "k",
        path: name === "ref" ? refused(log) : `/nix/store/${"0".repeat(32)}-${name}`,
        named: [...named, { derivation: own, fixed: "fixed" in one }],
      };
      const expected = version === "2.8" && "in2_8" in one ? one.in2_8 : reason;
      const blamed = blame(unbuilt, readBuildLog(log));
      if (expected === null) return assert.is(blamed, null);
      assert.match(blamed?.reason ?? "", expected);
      assert.is(blamed?.derivation, "needs" in one ? drv(log, one.needs) : own);
    });
  }

const msg = (text: string) => `@nix ${JSON.stringify({ action: "msg", level: 0, msg: text })}\n`;
const start = (derivation: string) =>
  `@nix ${JSON.stringify({ action: "start", id: 1, level: 3, text: "", type: 105, fields: [derivation] })}\n`;
const A = `/nix/store/${"a".repeat(32)}-a.drv`;
const B = `/nix/store/${"b".repeat(32)}-b.drv`;
const exit = (derivation: string) => msg(`error: builder for '${derivation}' failed with exit code 1`);
const own = (derivation: string, fixed = false) => ({
  key: "k",
  path: `/nix/store/${"0".repeat(32)}-x`,
  named: [{ derivation, fixed }],
});

const nobody = [
  [
    "a build that ended while Nix complains of something else",
    start(A) + msg("error: Nix daemon disconnected"),
  ],
  ["a build that was never started", exit(B)],
  ["a build that Nix says nothing of", start(A)],
  ["a silent builder", start(A) + msg(`error: building of '${A}' timed out after 1 seconds of silence`)],
  [
    "a full disk",
    start(A) + exit(A) + msg("note: build failure may have been caused by lack of free disk space"),
  ],
  [
    "another platform",
    msg(
      `error: Cannot build '${A}'.\n       Reason: platform mismatch\n       Required system: 'riscv64-linux'`,
    ),
  ],
  ["a log of something else", "error: builder for nothing failed\n"],
] as const;

for (const [name, log] of nobody)
  test(`nobody's fault: ${name}`, () => assert.is(blame(own(A), readBuildLog(log)), null));

test("nobody's fault: a builder that was to fetch something; what it fetched is", () => {
  assert.is(blame(own(A, true), readBuildLog(start(A) + exit(A))), null);
  const other = readBuildLog(msg(`error: hash mismatch in fixed-output derivation '${A}':\n  specified: x`));
  assert.is(blame(own(A, true), other)?.reason, "hash mismatch: specified: x");
});

test("a builder's own words in its log decide nothing", () => {
  const says = `@nix ${JSON.stringify({ action: "result", id: 1, type: 101, fields: [`error: builder for '${A}' failed with exit code 1`] })}\n`;
  assert.is(blame(own(A), readBuildLog(start(A) + says)), null);
});

const frame = (...lines: string[]) => Buffer.from(lines.join("\n"));
const path = `/nix/store/${"0".repeat(32)}-x`;

test("frames: whose builder failed, with the whole of its log", () => {
  const reader = new UnbuiltReader();
  reader.push("failures", Buffer.from(start(B) + exit(B)));
  reader.push("unbuilt", frame("k", path, B, A, ""));
  reader.push("build-log", frame(B, "compiling"));
  reader.push("build-log", frame(B, "\nmain.c:3\n"));
  const fault = reader.judge().get("k");
  assert.is(fault?.dependency, true);
  assert.is(fault?.failure.log.toString(), "compiling\nmain.c:3\n");
  assert.is(fault?.failure.derivation, B);
});

test("frames: nobody's fault is Nix's error, with what was printed", async () => {
  const reader = new UnbuiltReader();
  reader.push("failures", Buffer.from(start(A) + exit(A)));
  reader.push("unbuilt", frame("k", path, `${A} fixed`, ""));
  reader.push("build-log", frame(A, "no route to host\n"));
  const error = await failure((async () => reader.judge())());
  assert.is(error.exitCode, 3);
  assert.match(error.message, /a> no route to host/);
});

for (const body of ["", "k", `k\n${path}`, `k\n/etc/passwd\n${A}`, `k\n${path}\n../x`])
  test(`frames: ${JSON.stringify(body)} is refused by name`, () =>
    assert.throws(() => parseUnbuilt(Buffer.from(body)), /cannot be read/));

const output = (log: string, dependency = false) => ({
  name: parseJobName("tools"),
  spec: { kind: "installable", installable: "#tools" } as const,
  dependency,
  failure: { derivation: A, reason: "builder failed with exit code 3", log: Buffer.from(log) },
});

test("in words: one line, an error, a log", () => {
  assert.is(
    describeUnbuilt(output("one\n\u001b[31mtwo\u001b[0m\n\n")),
    "prepared output tools was not built: a: builder failed with exit code 3: two",
  );
  assert.match(describeUnbuilt(output("", true)), /: its dependency a: builder failed with exit code 3$/);
  assert.is(describeUnbuilt(output("x".repeat(1000))).length, 274);
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n");
  assert.match(unbuiltError(output(lines)).message, /exit code 3\nline 5\n[\s\S]*line 19$/);
  assert.is(
    unbuiltLog(output("one\ntwo")).toString(),
    `${A}:\none\ntwo\nprepared output tools was not built: a: builder failed with exit code 3\n`,
  );
  assert.match(unbuiltLog(output("")).toString(), /Nix kept no log/);
});

test.run();
