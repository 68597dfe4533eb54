import { execFileSync, spawnSync } from "node:child_process";
import { chownSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseJobName, parseRunId, parseStorePath } from "../../src/core/ids.ts";
import type { JobSpec } from "../../src/core/job.ts";
import { guestEnv, hostname, jobDocuments } from "../../src/guest/job-documents.ts";
import type { MachineParts } from "../../src/remote/machine-parts.ts";
import { git, makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("job-documents");
test.after(removeWorkspaces);
const runId = parseRunId("20260102T030405Z-0123abcd");

function job(over: Partial<JobSpec>): JobSpec {
  return {
    name: parseJobName("unit"),
    description: "",
    command: { kind: "shell", text: "true" },
    shape: { backend: "sandbox" },
    prepare: {},
    timeoutMs: 1000,
    env: {},
    cwd: "/",
    user: "user",
    workspace: "read-only",
    network: "none",
    ...over,
  };
}

function runCommand(spec: JobSpec): string {
  return execFileSync("sh", { input: jobDocuments(runId, spec, {}).command, encoding: "utf8" });
}

const hostileValues = [
  "plain",
  "",
  "two words",
  "it's",
  '"double"',
  "$(touch /tmp/pikaci-pwned)",
  "`id`",
  "back\\slash",
  "new\nline",
  "-n",
  "ünï",
  "$'x'",
  "'; exit 3; '",
];

for (const value of hostileValues) {
  test(`the value ${JSON.stringify(value)} reaches the command as it is, in env and argv`, () => {
    const argv = ["sh", "-c", 'printf "<%s><%s>" "$1" "$VALUE"', "sh", value];
    const spec = job({ command: { kind: "argv", argv }, env: { VALUE: value } });
    assert.is(runCommand(spec), `<${value}><${value}>`);
  });
}

test("a shard's files are listed as they are, a line each, where its environment says", () => {
  const files = ["-rf", "a b", "it's $(touch /tmp/pikaci-pwned)", "%s\\n", "ünï"];
  const list = `${makeDirectory()}/list`;
  const spec = job({
    command: { kind: "argv", argv: ["cat", list] },
    env: { PIKACI_SHARD_FILES: list },
    shard: { index: 1, count: 2, files },
  });
  assert.is(runCommand(spec), `${files.join("\n")}\n`);
  const nowhere = job({ env: { PIKACI_SHARD_FILES: "/nowhere/list" }, shard: { index: 1, count: 2, files } });
  assert.throws(() => runCommand(nowhere), /nowhere/);
  assert.not.match(jobDocuments(runId, job({ shard: { index: 1, count: 2 } }), {}).command, "printf");
});

test("a machine's parts are words of the launch file, and a sandbox has none", () => {
  const parts: MachineParts = {
    ...{
      qemu: "/q",
      kernel: "/it's",
      kernelVersion: "6.1",
      modules: ["/a", "/b"],
      virtiofsd: null,
      passt: null,
    },
    transport: "9p",
    accel: "tcg",
  };
  const { launch } = jobDocuments(runId, job({}), {}, parts);
  const shown = 'echo "$machine_kernel|$machine_modules|$machine_virtiofsd|$machine_transport"';
  assert.is(execFileSync("sh", { input: `${launch}${shown}`, encoding: "utf8" }), "/it's|/a /b||9p\n");
  assert.not.match(jobDocuments(runId, job({}), {}).launch, /machine/);
  const own = jobDocuments(runId, job({}), {}, { accel: "kvm" }).launch;
  assert.match(own, /machine_accel='?kvm'?\nmachine_silence_s='?60'?\n$/);
});

test("shell text is one text: quotes, comments and here-documents work", () => {
  const text = "cat <<'END' # comment\na 'b' $HOME\nEND\necho done";
  assert.is(runCommand(job({ command: { kind: "shell", text } })), "a 'b' $HOME\ndone\n");
});

test("a missing working directory fails the job and names it", () => {
  const { command } = jobDocuments(runId, job({ cwd: "/no such" }), {});
  let status = 0;
  let stderr = "";
  try {
    execFileSync("sh", { input: command, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    ({ status, stderr } = error as { status: number; stderr: string });
  }
  assert.is(status, 1);
  assert.match(stderr, /no such/);
});

test("the job's environment wins over pikaci's own", () => {
  const env = guestEnv(runId, job({ env: { HOME: "/artifacts", EXTRA: "1" } }));
  assert.is(env.HOME, "/artifacts");
  assert.is(env.EXTRA, "1");
  assert.is(env.PIKACI_RUN_ID, runId);
  assert.is(env.SOURCE_DATE_EPOCH, "315619200");
  assert.is(guestEnv(runId, job({ env: { SOURCE_DATE_EPOCH: "1" } })).SOURCE_DATE_EPOCH, "1");
  assert.is(guestEnv(runId, job({ user: "root" })).HOME, "/root");
});

test("job.json is the whole contract", () => {
  const path = parseStorePath("/nix/store/00000000000000000000000000000000-tool");
  const contract: unknown = JSON.parse(jobDocuments(runId, job({}), { tool: path }).job);
  assert.equal(contract, {
    schema_version: 1,
    run_id: runId,
    job: "unit",
    command: "true",
    env: guestEnv(runId, job({})),
    cwd: "/",
    user: "user",
    timeout_ms: 1000,
    network: "none",
    shares: {
      "/workspace": "read-only",
      "/artifacts": "read-write",
      "/nix/store": "read-only",
      prepared: { tool: path },
    },
  });
});

test("places in the workspace are shares, and lines of the launch file", () => {
  const mounts = { modules: ["node_modules", "it's/here=x"], tool: ["bin"] };
  const documents = jobDocuments(runId, job({ mounts }), {});
  const { shares } = JSON.parse(documents.job) as { shares: object };
  assert.equal(
    Object.entries(shares).filter(([path]) => path.startsWith("/workspace/")),
    ["node_modules", "it's/here=x", "bin"].map((place) => [`/workspace/${place}`, "read-only"]),
  );
  assert.is(
    execFileSync("sh", { input: `${documents.launch}printf %s "$launch_mounts"`, encoding: "utf8" }),
    "modules=node_modules\nmodules=it's/here=x\ntool=bin",
  );
});

test("git's own variables are there with `git: true` only, and the job's win", () => {
  assert.is(guestEnv(runId, job({})).GIT_CONFIG_COUNT, undefined);
  const env = guestEnv(runId, job({ git: true, env: { GIT_OPTIONAL_LOCKS: "1" } }));
  assert.is(env.GIT_OPTIONAL_LOCKS, "1");
  assert.is(env.GIT_CONFIG_VALUE_0, "/workspace");
});

/** Root alone can give files away. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot("a workspace of another account, as in a machine, is no danger for git by that environment", () => {
  const root = makeDirectory();
  git(root, "init", "-q");
  for (const path of [root, `${root}/.git`]) chownSync(path, 12_345, 12_345);
  const status = (env: Readonly<Record<string, string>>) =>
    spawnSync("git", ["status", "--porcelain"], { cwd: root, encoding: "utf8", env });
  const env = guestEnv(runId, job({ git: true }));
  const { GIT_CONFIG_COUNT: _, ...without } = env;
  assert.match(status(without).stderr, /dubious ownership/);
  assert.equal(status({ ...env, GIT_CONFIG_VALUE_0: root }).status, 0);
});

test("a host name holds only what RFC 1123 allows", () => {
  assert.is(hostname(parseJobName("unit.test_a-")), "unit-test-a");
  assert.is(hostname(parseJobName("unit (20, c++, 1 of 8)")), "unit-20-c-1-of-8");
  const longest = hostname(parseJobName(`${"a".repeat(61)} (b, ${"c".repeat(60)})`));
  assert.is(longest, `${"a".repeat(61)}-b`);
});

test.run();
