// needs: nix
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("import");
test.before.each((context) => {
  context.rig = openRig({});
});
test.after.each(({ rig }) => rig.remove());

const GITLAB = `
stages: [build, test]
compile: { stage: build, script: 'mkdir -p out; echo made >out/app', artifacts: { paths: [out/] }, retry: 1 }
unit:
  stage: test
  script: 'grep made out/app; echo "$CI_NODE_INDEX" >part'
  parallel: 2
  artifacts: { paths: [part] }
`;
const GITHUB = `
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - { run: "mkdir dist; echo 1 >dist/a" }
      - { uses: actions/upload-artifact@v4, with: { name: d, path: dist } }
  test:
    needs: build
    strategy: { matrix: { n: [1, 2], include: [{ n: 2, more: "a b" }] } }
    runs-on: ubuntu-latest
    steps:
      - { uses: actions/download-artifact@v4, with: { name: d, path: got } }
      - run: test "$(cat got/a)" = 1; test "\${{ matrix.n }}" = 1 || test "\${{ matrix.more }}" = "a b"
  gone: { runs-on: windows-latest, steps: [{ run: x }] }
`;

test("imported graphs are planned and run, with what jobs hand on", async ({ rig }) => {
  rig.write({ ".gitlab-ci.yml": GITLAB, ".github/workflows/ci.yml": GITHUB });
  const { code, stdout, stderr } = await rig.pikaci("import");
  assert.equal([code, stdout], [0, "pikaci.config.mjs\n"], stderr);
  assert.match(stderr, ".github/workflows/ci.yml: 2 of 3 jobs are taken");
  assert.match(stderr, 'left out:\n  .github/workflows/ci.yml: the job gone runs on "windows-latest"');
  const text = readFileSync(join(rig.dir, "pikaci.config.mjs"), "utf8");
  assert.match(text, "// Written by `pikaci import`, which saw:");
  assert.match(text, '//   .github/workflows/ci.yml: the job gone runs on "windows-latest"');
  const plan = await rig.pikaci("plan");
  assert.is(plan.code, 0, plan.stderr);
  for (const job of ["compile", "unit (1 of 2)", "ci-build", "ci-test (2)"]) assert.match(plan.stdout, job);
  const run = await rig.pikaci("run", "-q");
  assert.is(run.code, 0, run.stderr);
  assert.equal(
    rig
      .record()
      .jobs.map(({ job, result }) => `${job} ${result?.status}`)
      .sort(),
    ["ci-build", "ci-test (1)", "ci-test (2)", "compile", "unit (1 of 2)", "unit (2 of 2)"].map(
      (job) => `${job} passed`,
    ),
  );
});

test("files that are named, where it writes, and what it refuses", async ({ rig }) => {
  rig.write({
    "ci/jobs.yml": "a: { script: make }",
    "bad.yml": "a: [",
    "list.yml": "[1]",
    "none.yml": "a: { trigger: x/y }",
    "pikaci.config.json": '{ "jobs": { "t": { "command": "true" } } }',
  });
  const json = await rig.pikaci("import", "ci/jobs.yml", "--json");
  assert.equal(Object.keys(JSON.parse(json.stdout).jobs), ["a"]);
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [["ci/jobs.yml"], /there is already a configuration: .*pikaci\.config\.json\n/],
    [[], /has neither \.github\/workflows nor \.gitlab-ci\.yml/],
    [["gone.yml"], /"gone\.yml" is not a file/],
    [["bad.yml"], /bad\.yml is not YAML that can be read: .* at line 1, column \d+/],
    [["list.yml"], /list\.yml is neither a workflow of GitHub's nor a file of GitLab's/],
    [["none.yml"], /no job of these files can be taken:\n {2}none\.yml: the job a starts another pipeline/],
  ];
  for (const [words, message] of refused) {
    const { code, stderr } = await rig.pikaci("import", ...words);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
  }
  const first = await rig.pikaci("import", "ci/jobs.yml", "--out", "ci.mjs");
  assert.equal([first.code, first.stdout], [0, "ci.mjs\n"], first.stderr);
  assert.match(first.stderr, "next: pikaci plan --config ci.mjs, then");
  assert.match((await rig.pikaci("import", "ci/jobs.yml", "--out", "ci.mjs")).stderr, "there is already");
  assert.is((await rig.pikaci("import", "ci/jobs.yml", "--out", "ci.mjs", "--force")).code, 0);
  assert.is((await rig.pikaci("plan", "--config", "ci.mjs")).code, 0);
});

test.run();
