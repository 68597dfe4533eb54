// time-limit: 300
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commandHelp, overview } from "../src/commands/help.ts";
import { COMMANDS } from "../src/commands/table.ts";
import { version } from "../src/system/version.ts";
import { CLI, openRig, type Rig } from "./lab/rig.ts";

const test = suite<{ rig: Rig }>("command line");
test.before.each((context) => {
  context.rig = openRig({});
});
test.after.each(({ rig }) => rig.remove());

const job = { command: "true" };

test("--version is the package's, and all there is on stdout", async ({ rig }) => {
  const { code, stdout, stderr } = await rig.pikaci("--version");
  assert.equal([code, stdout, stderr], [0, `${version()}\n`, ""]);
});

test("--help names every command in its group, with examples, on stdout", async ({ rig }) => {
  const { code, stdout, stderr } = await rig.pikaci("--help");
  assert.equal([code, stderr], [0, ""]);
  for (const command of Object.keys(COMMANDS)) assert.match(stdout, new RegExp(`^  ${command}( |$)`, "m"));
  assert.match(stdout, "Examples:");
});

test("a bare call shows the same page on stderr, and is no success: exit 2", async ({ rig }) => {
  const { code, stdout, stderr } = await rig.pikaci();
  assert.equal([code, stdout], [2, ""]);
  assert.is(stderr, overview(100));
});

test("a command's --help is on stdout, wherever it stands", async ({ rig }) => {
  const { code, stdout, stderr } = await rig.pikaci("run", "no-such-target", "--help");
  assert.equal([code, stderr], [0, ""]);
  assert.is(stdout, commandHelp("run", 100));
});

const wrong: readonly (readonly [readonly string[], string, string])[] = [
  [["rnu"], 'unknown command "rnu" (did you mean "run"?)', "the commands are run, watch, status"],
  [["frobnicate"], 'error: unknown command "frobnicate"\n', "the commands are"],
  [["constructor"], 'unknown command "constructor"', "the commands are"],
  [["run", "--jsn"], 'unknown option "--jsn" (did you mean "--json"?)', "pikaci run --help"],
  [["run", "a", "b"], '`pikaci run` takes no word "b"', "pikaci run --help"],
  [["run", "--on"], "--on HOST: its value is missing", "pikaci run --help"],
  [["why"], "JOB is missing: `pikaci why JOB`", "pikaci why --help"],
  [
    ["completion", "tcsh"],
    'SHELL: expected one of bash, zsh, fish, man, not "tcsh"',
    "pikaci completion --help",
  ],
  [["run", "-q", "-v"], "mutually exclusive", "pikaci run --help"],
  [["logs", "--kind", "all"], 'not "all"', "pikaci logs --help"],
  [["list", "-C", "nowhere"], "is not a directory", "name the directory"],
  [["run", "--config", "nowhere.json"], "nowhere.json does not exist", "leave --config out"],
  [["status"], "there is no run in this workspace", "pikaci run"],
  [["logs", "x"], "there is no run in this workspace", "pikaci run"],
  [["plan"], "no configuration in", '"jobs"'],
];

for (const [args, message, hint] of wrong) {
  test(`pikaci ${args.join(" ")}: exit 2, nothing on stdout`, async ({ rig }) => {
    const { code, stdout, stderr } = await rig.pikaci(...args);
    assert.equal([code, stdout], [2, ""]);
    assert.match(stderr, message);
    assert.match(stderr.slice(stderr.indexOf("hint:")), hint);
  });
}

test("a target whose filters match nothing is skipped, with the reason", async ({ rig }) => {
  rig.configure({ jobs: { unit: job }, targets: { default: { jobs: ["unit"], filters: ["src/**"] } } });
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", rig.dir, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args]);
  git("add", "-A");
  git("commit", "-qm", "first");
  rig.write({ "docs/a": "x" });
  const { code, stderr } = await rig.pikaci("run");
  assert.is(code, 0);
  assert.match(stderr, /skipped\s+unit: no changed file matches src\/\*\*/);
  assert.equal([rig.record().status, rig.record().jobs[0]?.result?.status], ["skipped", "skipped"]);
  assert.match((await rig.pikaci("plan")).stdout, "skip unit: no changed file matches");
});

test("plan: text and data are the same nodes", async ({ rig }) => {
  rig.configure({ jobs: { unit: { command: ["sh", "-c", "echo 'a b'"], prepare: { tools: ".#tools" } } } });
  const text = await rig.pikaci("plan");
  assert.equal([text.code, text.stderr], [0, ""]);
  assert.match(text.stdout, "target default on local\nprepare installable .#tools\n    nix build");
  assert.match(text.stdout, `sh -c 'echo '\\''a b'\\'''`);
  const data = JSON.parse((await rig.pikaci("plan", "--json", "--on", "ssh://h")).stdout);
  assert.equal(
    data.nodes.map((node: { kind: string; host: string }) => [node.kind, node.host]),
    [
      ["prepare", "ssh://h"],
      ["execute", "ssh://h"],
    ],
  );
});

test("-C and --config name another project", async ({ rig }) => {
  rig.write({ "sub/pikaci.config.json": `{"jobs":{"below":{"command":"true"}}}` });
  assert.match((await rig.pikaci("plan", "-C", "sub")).stdout, "execute below");
  assert.match((await rig.pikaci("plan", "--config", "sub/pikaci.config.json")).stdout, "execute below");
});

test("NO_COLOR and FORCE_COLOR", async () => {
  for (const [env, colored] of [
    [{ FORCE_COLOR: "1" }, true],
    [{ NO_COLOR: "1" }, false],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, true],
    [{ FORCE_COLOR: "0" }, false],
  ] as const) {
    const rig = openRig(env);
    const { stderr } = await rig.pikaci("rnu");
    assert.is(stderr.includes("\x1b["), colored, JSON.stringify(env));
    rig.remove();
  }
});

test("a reader that goes away is no error", ({ rig }) => {
  rig.configure({ jobs: Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`job${n}`, job])) });
  const command = `"$0" "$@" plan --json 2>err | head -c 10 >out; echo $?`;
  execFileSync("sh", ["-c", command, process.execPath, ...CLI], { cwd: rig.dir });
  assert.is(readFileSync(join(rig.dir, "err"), "utf8"), "");
  assert.is(readFileSync(join(rig.dir, "out"), "utf8"), '{\n  "schem');
});

test("a look at runs needs no configuration", async ({ rig }) => {
  const { code, stdout, stderr } = await rig.pikaci("list");
  assert.equal([code, stdout], [0, ""]);
  assert.match(stderr, "no runs in this workspace");
  assert.is((await rig.pikaci("list", "--json")).stdout, "[]\n");
});

test.run();
