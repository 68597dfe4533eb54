// needs: nix
// time-limit: 120
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("pikaci shell on this machine");
test.before((context) => {
  const rig = openRig({});
  context.rig = rig;
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: {
      unit: { command: "echo the job", workspace: "private", env: { A: "b" } },
      build: { command: "true", runner: "derivation" },
      nixos: { command: "true", runner: "microvm" },
      hidden: { command: "true", secrets: ["PIKACI_TEST_NOT_SET"] },
    },
  });
  rig.write({ file: "first\n" });
});
test.after(({ rig }) => rig.remove());

test("a command runs where the job would, and its exit code is pikaci's; nothing is recorded", async ({
  rig,
}) => {
  const { code, stdout, stderr } = await rig.pikaci(
    "shell",
    "unit",
    "--",
    "sh",
    "-c",
    'cat file; echo "$A"; echo x >file; exit 7',
  );
  assert.equal([code, stdout], [7, "first\nb\n"], stderr);
  assert.match(stderr, /render/);
  assert.is((await rig.pikaci("list")).stdout, "");
});

test("a signal's code passes too, and --quiet leaves the command's words alone", async ({ rig }) => {
  const { code, stderr } = await rig.pikaci("shell", "-q", "unit", "--", "sh", "-c", "kill -9 $$");
  assert.equal([code, stderr], [137, ""]);
});

test("a shell reads its commands from a pipe", async ({ rig }) => {
  const { child, ended } = rig.startPiped("shell", "-q", "unit");
  child.stdin?.end("pwd\nexit 3\n");
  const { code, stdout } = await ended;
  assert.equal([code, stdout], [3, "/workspace\n"]);
});

test("a command that does not read its input ends all the same", async ({ rig }) => {
  const { child, ended } = rig.startPiped("shell", "-q", "unit", "--", "echo", "done");
  const { code, stdout } = await ended;
  child.stdin?.end();
  assert.equal([code, stdout], [0, "done\n"]);
});

test("--run opens an earlier run's tree and job", async ({ rig }) => {
  assert.is((await rig.pikaci("run", "-q", "--job", "unit")).code, 0);
  rig.write({ file: "second\n" });
  const text = async (...words: string[]) =>
    (await rig.pikaci("shell", "-q", "unit", ...words, "--", "cat", "file")).stdout;
  assert.equal([await text(), await text("--run", "latest")], ["second\n", "first\n"]);
});

const refused: readonly (readonly [string, readonly string[], RegExp, RegExp])[] = [
  [
    "a build",
    ["build"],
    /job build is a build of Nix \(runner `derivation`\), which has no terminal/,
    /`pikaci shell build --runner sandbox`/,
  ],
  [
    "a NixOS machine",
    ["nixos"],
    /job nixos is a NixOS machine \(runner `microvm`\), which has no terminal/,
    /`pikaci shell nixos --runner sandbox`/,
  ],
  ["an unknown job", ["unti"], /unknown job "unti"/, /the jobs are/],
  [
    "a job that the run lacks",
    ["build", "--run", "latest"],
    /has no snapshot and job "build" to open/,
    /its jobs are unit/,
  ],
  ["a shape that is none", ["unit", "--runner", "nothing"], /not a machine shape: nothing/, /write sandbox/],
  ["a secret that is not set", ["hidden"], /secrets that are not set: PIKACI_TEST_NOT_SET/, /set them/],
];

for (const [what, words, message, hint] of refused)
  test(`${what} is refused with exit code 2`, async ({ rig }) => {
    const { code, stderr } = await rig.pikaci("shell", ...words);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.match(stderr, hint);
  });

test("the build's tree is there in a sandbox", async ({ rig }) => {
  const { code, stdout } = await rig.pikaci("shell", "-q", "build", "--runner", "sandbox", "--", "ls");
  assert.is(code, 0);
  assert.match(stdout, /^file$/m);
});

test("SIGTERM ends the guest: exit code 143", async ({ rig }) => {
  const { child, ended } = rig.start("shell", "-q", "unit", "--", "sh", "-c", "echo begun; sleep 600");
  child.stdout?.once("data", () => child.kill("SIGTERM"));
  const { code, stdout } = await ended;
  assert.equal([code, stdout], [143, "begun\n"]);
});

test.run();
