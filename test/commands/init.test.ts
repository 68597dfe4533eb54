// needs: nix
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";
import { flakeOf } from "../stage-rig.ts";

const test = suite<{ rig: Rig }>("init");
test.before.each((context) => {
  context.rig = openRig({});
});
test.after.each(({ rig }) => rig.remove());

test("what it writes runs, and it says what it assumed and left out", async ({ rig }) => {
  rig.write({
    Makefile: "check:\n\tcp Makefile copy\n",
    "flake.nix": "{ outputs = { self }: { packages.pikaci = throw 1; devShells = throw 2; }; }",
    ".github/workflows/ci.yml": "jobs: { a: { runs-on: ubuntu-latest, steps: [{ uses: some/action@v1 }] } }",
  });
  assert.is((await rig.pikaci("init", "--json")).code, 0);
  const { code, stdout, stderr } = await rig.pikaci("init");
  assert.equal([code, stdout], [0, "pikaci.config.mjs\n"]);
  assert.match(stderr, /assumed:\n(.*\n)* {2}Makefile: `make check`/);
  assert.match(stderr, "flake.nix: no checks are seen in its text; `pikaci init --checks`");
  assert.match(stderr, "left out:\n  .github/workflows/ci.yml: the job a needs the action some/action@v1");
  assert.match(
    readFileSync(join(rig.dir, "pikaci.config.mjs"), "utf8"),
    "// Left out:\n//   .github/workflows/ci.yml",
  );
  const run = await rig.pikaci("run", "-q");
  assert.is(run.code, 0, run.stderr);
  const again = await rig.pikaci("init");
  assert.is(again.code, 2);
  assert.match(again.stderr, /there is already a configuration: .*\nhint: `pikaci plan`/);
});

test("what is assumed of several jobs is said once", async ({ rig }) => {
  const scripts = { test: "node --test", lint: "node --check a.js" };
  rig.write({ "package.json": JSON.stringify({ scripts }), "a.js": "" });
  const { code, stderr } = await rig.pikaci("init");
  assert.is(code, 0);
  assert.equal(
    stderr.split("\n").flatMap((line) => /^ {2}(.*): npm: /.exec(line)?.[1] ?? []),
    ["test, lint"],
  );
});

test("a project of which nothing is known is red, and says what to write", async ({ rig }) => {
  rig.write({ "main.xyz": "1" });
  assert.is((await rig.pikaci("init")).code, 0);
  const { code, stderr } = await rig.pikaci("run");
  assert.is(code, 1);
  assert.match(stderr, "write the command that tests this project: jobs.test.command in pikaci.config.mjs");
});

test("a job of a workflow runs as there", async ({ rig }) => {
  const steps = [
    { uses: "actions/checkout@v4" },
    { run: "cd sub\nA=1\ntest -f in-sub" },
    { run: 'test -d sub && test -z "$A" && test "$B" = "it\'s"', env: { B: "it's" } },
    { run: "false | true" },
  ];
  const workflow = (more: object) =>
    JSON.stringify({ jobs: { a: { "runs-on": "ubuntu-latest", steps: [...steps, more] } } });
  rig.write({ "sub/in-sub": "", ".github/workflows/ci.yml": workflow({ run: "exit 0" }) });
  assert.is((await rig.pikaci("init")).code, 0);
  const run = await rig.pikaci("run");
  assert.is(run.code, 0, run.stderr);
  rig.shell("rm pikaci.config.mjs");
  rig.write({ ".github/workflows/ci.yml": workflow({ run: "false | true", shell: "bash" }) });
  assert.is((await rig.pikaci("init")).code, 0);
  assert.is((await rig.pikaci("run")).code, 1);
});

test("a flake's checks are asked of Nix, when that is asked for", async ({ rig }) => {
  rig.write({ "flake.nix": `{ outputs = { self }: { checks.x86_64-linux = { a = 1; "b c" = 2; }; }; }` });
  execFileSync("git", ["-C", rig.dir, "add", "flake.nix"]);
  const plain = JSON.parse((await rig.pikaci("init", "--json")).stdout);
  assert.equal(plain, { checks: true, jobs: {} });
  const { stderr } = await rig.pikaci("init", "--checks");
  assert.match(stderr, "each check of x86_64-linux is a job: a\n");
  assert.match(stderr, `left out:\n  flake.nix: the check "b c", whose name cannot be a job's`);
  assert.match(
    readFileSync(join(rig.dir, "pikaci.config.mjs"), "utf8"),
    'checks: {\n    exclude: [\n      "b c",\n    ],\n  },\n  jobs: {},',
  );
});

test("a flake with checks: what init writes runs them, green or red as they are", async ({ rig }) => {
  rig.shell("mkdir tools a; cp /bin/busybox tools/; echo 1 >a/in");
  const flake = (unit: string) =>
    flakeOf({}).replace(
      "{ packages.",
      `{ checks.\${system} = { fmt = link "fmt" "\${self}/a"; ${unit} }; packages.`,
    );
  rig.write({ "flake.nix": flake("") });
  const { code, stderr } = await rig.pikaci("init");
  assert.is(code, 0);
  assert.match(stderr, "flake.nix: it has checks; each of them is a job");
  const statuses = async () => {
    const ended = await rig.pikaci("run", "-q");
    return [ended.code, ...rig.record().jobs.map(({ job, result }) => `${job} ${result?.status}`)];
  };
  assert.equal(await statuses(), [0, "check.fmt passed"]);
  rig.write({ "flake.nix": flake(`unit = script "unit" "echo 'test 3 failed'; exit 1";`) });
  assert.equal(await statuses(), [1, "check.fmt passed", "check.unit failed"]);
  assert.match(rig.jobFile("check.unit", "guest.log"), "test 3 failed");
});

test.run();
