import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";
import { type Called, callHost, SHELLS } from "./call.ts";

const test = suite("host: copies made ahead");
test.after(removeWorkspaces);

type Shell = (typeof SHELLS)[number];

const HASH = "a".repeat(64);
const OTHER = "b".repeat(64);
const METADATA = `{\n  "layout_version": 2,\n  "content_hash": "${HASH}",\n  "file_count": 3,\n}\n`;

/** A work dir with one snapshot of three files. */
function makeWorkDir(): string {
  const workDir = makeDirectory();
  for (const name of ["locks", "tmp", "ahead"]) mkdirSync(join(workDir, name));
  writeFiles(workDir, {
    [`snapshots/${HASH}/pikaci-snapshot.json`]: METADATA,
    [`snapshots/${HASH}/snapshot/a/b/file`]: "1",
    [`snapshots/${HASH}/snapshot/a/new\nline`]: "2",
    [`snapshots/${HASH}/snapshot/top`]: "3",
  });
  return workDir;
}

const LIBRARIES = ["lib/locks", "lib/json", "lib/layout", "lib/process", "lib/ahead", "copy-ahead"];

/** A busybox that prefers its own has no signal at a parent's death. What has the lowest priority would wait for all other tests. */
const TOOLS = `renice() { :; }; ionice() { :; }; ${["setpriv", "cp", "date"].map((tool) => `${tool}() { /usr/bin/${tool} "$@"; }`).join("\n")}`;

function call(
  shell: Shell,
  workDir: string,
  words: readonly [string, ...string[]],
  before = "",
  params: Readonly<Record<string, string>> = {},
): Called {
  const own = { work_dir: workDir, content_hash: HASH, project: '"p"', ahead_files: "3" };
  return callHost(shell, LIBRARIES, words, { before: `${TOOLS}\n${before}`, params: { ...own, ...params } });
}

const inode = (path: string) => lstatSync(path).ino;

for (const shell of SHELLS) {
  test(`${shell}: a copy is whole, on the disk and alone when it is there`, () => {
    const workDir = makeWorkDir();
    for (const [hash, project] of [
      [OTHER, '"p"'],
      ["c".repeat(64), '"q"'],
    ] as const)
      writeFiles(workDir, {
        [`ahead/${hash}/project`]: project,
        [`ahead/${hash}/snapshot/x`]: "",
        [`snapshots/${hash}/x`]: "",
      });
    writeFiles(workDir, { [`tmp/ahead-${OTHER}.killed00/snapshot/x`]: "" });
    const { status, stderr } = call(shell, workDir, ["ahead_make"]);
    assert.is(status, 0, stderr);
    assert.equal(readdirSync(join(workDir, "ahead")).sort(), [HASH, "c".repeat(64)]);
    assert.equal(readdirSync(join(workDir, "tmp")), []);
    const [copy, of] = [join(workDir, "ahead", HASH), join(workDir, "snapshots", HASH)];
    assert.is(inode(`${copy}/snapshot/a/b/file`), inode(`${of}/snapshot/a/b/file`));
    assert.match(readFileSync(`${copy}/synced`, "utf8"), /^\d+ \d+ [0-9a-f-]{36}\n$/);
    execFileSync("diff", ["-r", `${copy}/snapshot`, `${of}/snapshot`]);
  });

  test(`${shell}: who makes one has nothing of the channel and of the run`, () => {
    const workDir = makeWorkDir();
    const main = `main() {
      take_lock "$fd_run" run-x -s
      ahead_wanted() { :; }
      ahead_make() {
        until [ -e "$work_dir/go" ]; do sleep 0.05; done
        flock -n "$work_dir/locks/run-x" true && echo >"$work_dir/free"
      }
      ahead_start
    }`;
    // It waits for `go`, so a channel that it kept open would end this by the time limit.
    assert.is(call(shell, workDir, ["main"], main).status, 0);
    writeFiles(workDir, { go: "" });
    while (!existsSync(join(workDir, "free"))) execFileSync("sleep", ["0.05"]);
  });

  test(`${shell}: a disk that is full while it is made leaves nothing`, () => {
    const workDir = makeWorkDir();
    const fails = 'ahead_do() { [ "$1" != cp ] || { mkdir "$staged/snapshot/half"; return 1; }; "$@"; }';
    assert.is(call(shell, workDir, ["ahead_make"], fails).status, 0);
    assert.equal([readdirSync(join(workDir, "ahead")), readdirSync(join(workDir, "tmp"))], [[], []]);
  });

  for (const lock of ["ahead", `snapshots-${HASH}`])
    test(`${shell}: none is made while another has the lock ${lock}`, () => {
      const workDir = makeWorkDir();
      const held = `main() { flock "$work_dir/locks/${lock}" sh -c 'echo >held; sleep 5' & until [ -e held ]; do sleep 0.01; done
        ahead_make; kill "$!"; }`;
      assert.is(call(shell, workDir, ["main"], held).status, 0);
      assert.equal([readdirSync(join(workDir, "ahead")), readdirSync(join(workDir, "tmp"))], [[], []]);
    });

  test(`${shell}: who makes one is ended by its own id, with what it has started, and its part is swept`, () => {
    const workDir = makeWorkDir();
    const main = `main() {
      ahead_copy() { ahead_do sleep 60; }
      is=''
      ( ahead_make ) >/dev/null 2>&1 &
      until read -r pid _ <"$work_dir/locks/ahead" && [ -e "$work_dir"/tmp/ahead-*/. ]; do sleep 0.01; done 2>/dev/null
      working=''
      until [ "$is" = sleep ]; do
        sleep 0.01
        read -r working _ <"/proc/$pid/task/$pid/children"
        read -r is <"/proc/$working/comm"
      done 2>/dev/null
      ahead_end ${OTHER}
      [ -e "/proc/$pid" ] && echo "not of another"
      ahead_end ${HASH}
      wait "$!"
      while look_at "$working" && [ -n "$born" ]; do sleep 0.05; done
      echo "$born"
      ls "$work_dir/ahead"
    }`;
    const { stdout, stderr } = call(shell, workDir, ["main"], main);
    assert.is(stdout, "not of another\n\n", stderr);
    assert.is(readdirSync(join(workDir, "tmp")).length, 1);
    call(shell, workDir, ["ahead_make"]);
    assert.equal(readdirSync(join(workDir, "tmp")), []);
    assert.ok(existsSync(join(workDir, "ahead", HASH)));
  });

  test(`${shell}: whose number another process has by now is left alone`, () => {
    const workDir = makeWorkDir();
    const main = `main() { sleep 5 & echo "$! 1 ${HASH}" >"$work_dir/locks/ahead"; ahead_end ''; kill "$!" && echo there; }`;
    assert.is(call(shell, workDir, ["main"], main).stdout, "there\n");
  });

  test(`${shell}: where room is wanted, all go`, () => {
    const workDir = makeWorkDir();
    writeFiles(workDir, { [`ahead/${HASH}/snapshot/x`]: "", [`ahead/${OTHER}/snapshot/x`]: "" });
    assert.is(call(shell, workDir, ["ahead_drop"]).status, 0);
    assert.equal([readdirSync(join(workDir, "ahead")), readdirSync(join(workDir, "tmp"))], [[], []]);
  });
}

for (const [what, space, answer] of [
  ["half of all is free", "50 4096 500 100 1000", 0],
  ["a twentieth is", "5 4096 50 100 1000", 0],
  ["too few blocks", "4 4096 500 100 1000", 1],
  ["too few inodes", "50 4096 49 100 1000", 1],
  ["no inodes are counted", "50 4096 0 100 0", 0],
] as const)
  test(`room: ${what}`, () => assert.is(call("dash", makeDirectory(), ["ahead_room", space]).status, answer));

for (const [what, params, isWanted] of [
  ["a large snapshot", {}, true],
  ["a smaller one", { ahead_files: "4" }, false],
  ["when none are to be made", { ahead_files: "0" }, false],
  ["no snapshot", { content_hash: "" }, false],
  ["one that is not there", { content_hash: OTHER }, false],
] as const)
  test(`a copy is wanted of: ${what}`, () => {
    const { status } = call("dash", makeWorkDir(), ["ahead_wanted"], "ahead_room() { :; }", params);
    assert.is(status === 0, isWanted);
  });

test("it is not wanted where there is one, or no room", () => {
  const workDir = makeWorkDir();
  assert.is(call("dash", workDir, ["ahead_wanted"], "ahead_room() { return 1; }").status, 1);
  mkdirSync(join(workDir, "ahead", HASH));
  assert.is(call("dash", workDir, ["ahead_wanted"], "ahead_room() { :; }").status, 1);
});

/** What `ahead_take` sets `since` to, for a copy that says this of its time. */
function since(shell: Shell, synced: string): string {
  const workDir = makeWorkDir();
  writeFiles(workDir, { [`ahead/${HASH}/snapshot/x`]: "", [`ahead/${HASH}/synced`]: `${synced}\n` });
  mkdirSync(join(workDir, "staging"));
  const main = `main() { date() { echo 500000; }; centiseconds() { now=3000; }
    ahead_take ${HASH} "$work_dir/staging" && echo "$since"; ls "$work_dir/staging" "$work_dir/ahead"; ahead_take ${HASH} x || echo gone; }`;
  const libraries = ["lib/locks", "lib/process", "lib/ahead", "take-ahead"];
  const { stdout } = callHost(shell, libraries, ["main"], { before: main, params: { work_dir: workDir } });
  const [first = "", ...rest] = stdout.replaceAll(workDir, "").split("\n");
  assert.equal(rest, ["/ahead:", "", "/staging:", "snapshot", "gone", ""]);
  return first;
}

const BOOT = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
for (const shell of SHELLS)
  for (const [what, synced, expected] of [
    ["the clock ran on", `498000 1000 ${BOOT}`, "@4980.00"],
    ["it was corrected a little", `497955 1000 ${BOOT}`, "@4979.55"],
    ["it was set forth", `497000 1000 ${BOOT}`, ""],
    ["it was set back", `499000 1000 ${BOOT}`, ""],
    ["another boot", `498000 1000 ${OTHER}`, ""],
    ["nothing was synced", "", ""],
    ["what is no time", `x 1000 ${BOOT}`, ""],
  ] as const)
    test(`${shell}: one takes it, and what is to be synced: ${what}`, () => {
      assert.is(since(shell, synced), expected);
    });

test.run();
