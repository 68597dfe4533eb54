import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tracedCalls, underStrace } from "../../traced.ts";
import { makeDirectory, removeWorkspaces, writeFiles } from "../../workspace.ts";
import { callHost, GNU_TOOLS, SHELLS } from "../call.ts";

const test = suite("host lib: durable");
test.after(removeWorkspaces);

type Call = readonly [name: string, ...args: string[]];

/** The calls that a function of the library makes about disks and names, in their order. */
function traced(shell: (typeof SHELLS)[number], call: Call, before = "", durable = "yes"): string[] {
  const file = join(makeDirectory(), "trace");
  const options = { under: underStrace(file), before, params: { durable } };
  const libraries = ["lib/locks", "lib/durable", "receive"];
  const { status, stderr } = callHost(shell, libraries, call, options);
  assert.is(status, 0, stderr);
  return tracedCalls(file);
}

/** A staged tree of which one file is a link to another tree's. */
function stagedTree(): string {
  const root = makeDirectory();
  writeFiles(root, { "tmp/staged/a": "1", "tmp/staged/d/odd\nname -x": "2", base: "3" });
  linkSync(join(root, "base"), join(root, "tmp/staged/linked"));
  mkdirSync(join(root, "snapshots"));
  mkdirSync(join(root, "locks"));
  return root;
}

for (const shell of SHELLS) {
  test(`${shell}: all of a tree is on the disk before it has its name, and then the name`, () => {
    const root = stagedTree();
    const final = join(root, "snapshots/hash");
    const before = `work_dir='${root}' staging='${root}/tmp/staged' published_time=315619200`;
    const calls = traced(shell, ["receive_place", final], before);
    const named = calls.indexOf("rename hash");
    const staged = join(root, "tmp/staged");
    const all = [staged, `${staged}/a`, `${staged}/d`, `${staged}/d/odd\\nname -x`];
    assert.equal(
      calls.slice(0, named).sort(),
      all.map((path) => `fsync ${path}`),
    );
    assert.equal(calls.slice(named + 1), [`fsync ${root}/snapshots`]);
  });

  test(`${shell}: a document is on the disk before it has its name, and then the name`, () => {
    const root = makeDirectory();
    writeFiles(root, { "stage/new": "1", "dir/record.json": "0" });
    const calls = traced(shell, ["place", `${root}/stage/new`, `${root}/dir/record.json`], "work_dir=/");
    assert.equal(calls, [`fsync ${root}/stage/new`, "rename record.json", `fsync ${root}/dir`]);
  });

  test(`${shell}: of many files the whole file system is synced, once`, () => {
    const root = stagedTree();
    const calls = traced(shell, ["sync_tree", `${root}/tmp/staged`], `work_dir=/ sync_limit=3\n${GNU_TOOLS}`);
    assert.equal(calls, [`syncfs ${root}/tmp/staged`]);
    assert.is(
      traced(shell, ["sync_tree", `${root}/tmp/staged`], `work_dir=/ sync_limit=4\n${GNU_TOOLS}`).length,
      4,
    );
  });

  test(`${shell}: nothing waits where that is not wanted`, () => {
    const root = stagedTree();
    const before = `work_dir='${root}' staging='${root}/tmp/staged' published_time=315619200`;
    const placed = traced(shell, ["receive_place", join(root, "snapshots/hash")], before, "no");
    assert.equal(placed, ["rename hash"]);
    const named = traced(shell, ["place", `${root}/base`, `${root}/record`], "work_dir=/", "no");
    assert.equal(named, ["rename record"]);
  });

  test(`${shell}: a disk that refuses is told, and nothing has its name`, () => {
    const root = stagedTree();
    const before = `work_dir='${root}' staging='${root}/tmp/staged' published_time=315619200
      sync() { echo 'sync: error syncing: Input/output error' >&2; return 1; }
      xargs() { cat >/dev/null && sync; }`;
    const { status, stdout } = callHost(
      shell,
      ["lib/locks", "lib/durable", "receive"],
      ["receive_place", join(root, "snapshots/hash")],
      { before, params: { durable: "yes" } },
    );
    assert.is(status, 1);
    assert.match(
      stdout,
      /^error \d+\ndisk\nwhat was sent cannot be brought to the disk of .*Input\/output error$/s,
    );
    writeFileSync(join(root, "snapshots/hash"), "", { flag: "wx" });
  });
}

test.run();
