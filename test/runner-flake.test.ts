import { test } from "uvu";
import * as assert from "uvu/assert";
import { InfraError } from "../src/errors.ts";
import { parseContentHash, parseStorePath } from "../src/ids.ts";
import { renderRunner } from "../src/runner-flake.ts";
import { judgeRecord, parseRunnerAnswer } from "../src/runner-record.ts";

const shape = { backend: "sandbox" } as const;

test("the same shape gives the same bytes, and a program to start", () => {
  const flake = renderRunner(shape);
  assert.equal(renderRunner(shape), flake);
  const names = flake.files.map(({ path, executable }) => `${path} ${executable}`);
  assert.equal(names, [
    "flake.lock false",
    "flake.nix false",
    "params.json false",
    "tree/bin/microvm-run true",
    "tree/lib/jail true",
    "tree/lib/limits.sh false",
  ]);
});

test("a machine's size is part of its shape, its backend's files are its own", () => {
  const machine = (memoryMiB: number) => renderRunner({ backend: "minivm", vcpu: 2, memoryMiB });
  assert.is(machine(512).contentHash, machine(512).contentHash);
  assert.is.not(machine(512).contentHash, machine(1024).contentHash);
  assert.equal([machine(512).busybox, renderRunner(shape).busybox], [true, false]);
  const params = machine(512).files.find(({ path }) => path === "params.json");
  assert.match(params?.content.toString() ?? "", /"vcpu": 2,\n {2}"memory_mib": 512\n/);
});

test("it says nothing of a run, a job, a snapshot or this machine", () => {
  const text = renderRunner(shape)
    .files.map(({ content }) => content.toString())
    .join("\n");
  assert.not.match(text, /\/home\/|\/root\/|[0-9a-f]{64}|\d{8}T\d{6}Z/);
});

const hash = parseContentHash("a".repeat(64));
const other = parseContentHash("b".repeat(64));
const storePath = parseStorePath(`/nix/store/${"0".repeat(32)}-runner`);
const record = (content_hash: string) =>
  JSON.stringify({ schema_version: 1, content_hash, remote_store_path: storePath });

const judged = [
  [undefined, { state: "build" }],
  [{ state: "missing" }, { state: "build" }],
  [
    { state: "ready", record: record(hash), storePath },
    { state: "ready", storePath },
  ],
  [{ state: "gone", record: record(hash), storePath }, { state: "build" }],
  [
    { state: "ready", record: record(other), storePath },
    { state: "wrong", found: other },
  ],
  [
    { state: "broken", record: record(hash).slice(0, 50) },
    { state: "wrong", found: "nothing that can be read" },
  ],
  [
    { state: "ready", record: record(hash).slice(0, -1), storePath },
    { state: "wrong", found: "nothing that can be read" },
  ],
  [
    { state: "broken", record: "" },
    { state: "wrong", found: "nothing that can be read" },
  ],
] as const;

for (const [state, expected] of judged)
  test(`a host's record: ${JSON.stringify(state)?.slice(0, 60)} → ${expected.state}`, () => {
    assert.equal(judgeRecord(state, hash), expected);
  });

test("an answer names the runner that was asked for", () => {
  assert.equal(parseRunnerAnswer(Buffer.from(`built\n${record(hash)}`), hash), {
    outcome: "built",
    storePath,
  });
  for (const body of [`built\n${record(other)}`, `sold\n${record(hash)}`, "", "built\n{"])
    assert.throws(
      () => parseRunnerAnswer(Buffer.from(body), hash),
      (error: unknown) => error instanceof InfraError && /--repair/.test(error.hint ?? ""),
    );
});

test.run();
