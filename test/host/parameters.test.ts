import { spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Params, ProgramName } from "../../src/remote/connection.ts";
import { composeProgram } from "../../src/remote/programs.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

test.after(removeWorkspaces);

const hash = "a".repeat(64);
const WANTED = "key flake . attr {}";
const run = { run_id: "20260101T000000Z-0123abcd" };
const job = { ...run, job: "job", lease_ms: "6000", artifact_bytes: "1000" };

/** Each program with parameters that it takes, and which of them have values that it has to know. */
const programs: readonly (readonly [ProgramName, Params, readonly string[]])[] = [
  [
    "session",
    { ...run, content_hash: hash, backends: "sandbox", runners: hash, observer: "no", lease_ms: "6000" },
    ["observer", "lease_ms", "content_hash"],
  ],
  ["hold", { lease_ms: "6000" }, ["lease_ms"]],
  [
    "publish",
    { content_hash: hash, repair: "no", verify: "no", fetch: "no", base: hash, idle_s: "30" },
    ["content_hash", "repair", "verify", "fetch", "base", "idle_s"],
  ],
  [
    "prepare",
    {
      ...run,
      ...{ content_hash: hash, source_hash: hash, subset: "", subdir: "path", wanted: WANTED, nix_words: "" },
      ...{ send_inputs: "", sandboxed: "", lease_ms: "6000" },
    },
    ["content_hash", "source_hash", "subset", "subdir", "send_inputs", "sandboxed"],
  ],
  [
    "runner",
    { content_hash: hash, system: "x86_64-linux", repair: "no", busybox: "no" },
    ["content_hash", "repair", "busybox"],
  ],
  [
    "guard",
    {
      ...job,
      ...{ content_hash: hash, runner: "/nonexistent", prepared: "", boot_ms: "1", timeout_ms: "1" },
      ...{ grace_ms: "1", secrets: "no", input: "no", detached: "no", keep_s: "0", silence_ms: "0" },
      ...{ save_caches: "no", job_document: "{}", launch_document: "-", command_document: "-" },
    },
    [
      ...["content_hash", "boot_ms", "timeout_ms", "grace_ms", "secrets", "input", "detached", "keep_s"],
      ...["silence_ms", "save_caches", "lease_ms", "artifact_bytes"],
    ],
  ],
  [
    "attach",
    { ...job, offset: "0", phases: "0", own: "no", collect: "yes" },
    ["offset", "phases", "own", "collect", "lease_ms", "artifact_bytes"],
  ],
  ["cancel", { ...run, jobs: "", wait_s: "1" }, ["wait_s"]],
  ["tree-out", { content_hash: hash }, ["content_hash"]],
  ["pin", { ...run, content_hash: hash, git_hash: hash, pin: "yes" }, ["content_hash", "git_hash", "pin"]],
  ["gc", { remove: "no", min_age_s: "0" }, ["remove", "min_age_s"]],
];

function paramsOf(program: ProgramName): Params {
  return programs.find(([name]) => name === program)?.[1] ?? {};
}

/** What a program says first, without a client. */
function say(program: ProgramName, params: Params): string {
  const script = composeProgram(program, { work_dir: `${makeDirectory()}/none`, ...params });
  return spawnSync("dash", { input: script, encoding: "utf8", timeout: 20_000 }).stdout;
}

for (const [program, params, words] of programs)
  test(`${program} ends by name, and makes nothing, for a value that it does not know`, () => {
    assert.not.match(say(program, params), /the parameter/);
    for (const word of words)
      for (const value of ["undefined", "maybe", "-1"])
        assert.match(
          say(program, { ...params, [word]: value }),
          new RegExp(`^error \\d+\nhost\nthe parameter \`${word}\` is \`${value}\`, not `),
        );
  });

test("a run or a job is no way out of its directory", () => {
  for (const [program, params] of programs)
    for (const word of ["run_id", "job"].filter((name) => name in params))
      assert.match(say(program, { ...params, [word]: "../x" }), new RegExp(`the parameter \`${word}\` is`));
});

test("the session takes no backend and no runner that it does not know", () => {
  const params = paramsOf("session");
  assert.match(say("session", { ...params, backends: "sandbox undefined" }), /`backend` is `undefined`/);
  assert.match(say("session", { ...params, runners: `${hash} undefined` }), /`runner` is `undefined`/);
});

test("what is wanted is of a kind that is known, and its key no way out of its directory", () => {
  const params = paramsOf("prepare");
  assert.match(
    say("prepare", { ...params, wanted: "key tree . attr {}" }),
    /`kind` is `tree`, not one of: flake path/,
  );
  assert.match(say("prepare", { ...params, wanted: "../x flake . attr {}" }), /`key` is `..\/x`/);
  const path = (tree: string) => say("prepare", { ...params, wanted: `key path /nix/store/x ${tree} {}` });
  assert.match(path("x"), /`attr` is `x`, not one of: - directory:HASH file:HASH/);
  assert.match(path("file:../x"), /`tree_hash` is `..\/x`, not a hash/);
});

test("the programs of whole runs and of single things are all here", () => {
  const none: readonly ProgramName[] = ["trust", "jobs", "doctor", "kvm"];
  assert.is(new Set([...none, ...programs.map(([name]) => name)]).size, 15);
});

test.run();
