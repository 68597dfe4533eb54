import { suite } from "uvu";
import * as assert from "uvu/assert";
import { imported, proposed } from "./memory.ts";

const test = suite("import");

const github = (text: string) => imported({ ".github/workflows/ci.yml": text });
const gitlab = (text: string) => imported({ ".gitlab-ci.yml": text });

/** Jobs of a workflow, each `make` with more keys in YAML's flow style. */
const jobs = (all: Record<string, string>) =>
  github(
    `on: push\njobs:\n${Object.entries(all)
      .map(
        ([id, more]) => `  ${id}: { runs-on: ubuntu-latest, steps: [{ run: make }]${more && `, ${more}`} }\n`,
      )
      .join("")}`,
  );

test("a Node project with a matrix and a database", async () => {
  const { config, comments, leftOut, notes } = await github(`
name: CI
on: [push, pull_request]
permissions: { contents: read }
jobs:
  lint:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22, cache: npm }
      - run: npm run lint
  test:
    needs: lint
    runs-on: \${{ matrix.os }}
    continue-on-error: \${{ matrix.experimental }}
    strategy:
      fail-fast: false
      matrix:
        os: [ubuntu-latest, windows-latest]
        db: [pg, sqlite]
        node: [20, 22]
        exclude:
          - { os: windows-latest, db: pg }
          - { db: sqlite, node: "20" }
        include:
          - { db: pg, node: 22, coverage: "--coverage --all" }
          - { os: ubuntu-latest, db: sqlite, node: 23, experimental: true }
    services:
      postgres: { image: "postgres:16", env: { POSTGRES_PASSWORD: x }, ports: ["5432:5432"] }
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
      - run: make test DB=\${{ matrix.db }} NODE="\${{ matrix.node }}" FLAGS="\${{ matrix.coverage }}"
      - run: ./report
        if: failure()
  publish:
    needs: [test]
    if: github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    steps: [{ run: npm publish }]
`);
  const { "ci-lint": lint, "ci-test": tests } = config.jobs;
  assert.equal(Object.keys(config.jobs), ["ci-lint", "ci-test"]);
  assert.equal([lint?.needs, lint?.timeout, tests?.needs], [undefined, "5m", ["ci-lint"]]);
  assert.equal(tests?.matrix, {
    db: ["pg", "sqlite"],
    node: [20, 22, 23],
    exclude: [
      { db: "pg", node: 23 },
      { db: "sqlite", node: 20 },
    ],
    include: [{ db: "pg", node: 22, coverage: "--coverage --all" }],
  });
  assert.is(tests?.env?.["MATRIX_COVERAGE"], "${matrix.coverage}");
  const said = comments["ci-test"]?.join("\n") ?? "";
  for (const one of [
    /continue-on-error is not taken: its failure counts here, also for what needs it/,
    /the step ".\/report" is not run: it is for after a failure/,
    /matrix\.os is not run/,
    /matrix\.experimental is not run/,
  ])
    assert.match(said, one);
  assert.equal(leftOut, [".github/workflows/ci.yml: the job publish runs under a condition"]);
  assert.equal(notes, [".github/workflows/ci.yml: 2 of 3 jobs are taken"]);
});

test("a Rust project: build, test, package", async () => {
  const { config, comments } = await github(`
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: dtolnay/rust-toolchain@stable
      - run: cargo build --release
      - uses: actions/upload-artifact@v4
        with: { name: bin, path: ./target/release/app }
  test:
    needs: build
    runs-on: ubuntu-latest
    outputs: { x: y }
    steps:
      - uses: actions/download-artifact@v4
        with: { name: bin, path: bin }
      - run: bin/app --self-test
      - uses: actions/upload-artifact@v4
        with: { name: logs, path: "logs/**/*.txt" }
  package:
    needs: [test]
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v4
        with: { name: bin }
      - uses: actions/download-artifact@v4
        with: { path: all }
      - uses: actions/download-artifact@v4
        with: { name: other }
      - run: tar -cf app.tar app
`);
  const { "ci-build": build, "ci-test": tests, "ci-package": packed } = config.jobs;
  const text = (job: typeof build) => String(job?.command);
  assert.match(
    text(build),
    "(\ncargo build --release\n)\n(\ncd -- .\nif [ -d target/release/app ]; then mkdir -p /artifacts/bin; cp -R target/release/app/. /artifacts/bin\nelif [ -e target/release/app ]; then mkdir -p /artifacts/bin; cp target/release/app /artifacts/bin; fi\n)",
  );
  assert.equal(tests?.needs, ["ci-build"]);
  assert.match(text(tests), "mkdir -p bin\ncp -R /needs/ci-build/bin/. bin\n)\n(\nbin/app --self-test\n)");
  assert.equal(packed?.needs, ["ci-test", "ci-build"], "what it reads is needed directly");
  assert.match(text(packed), "cp -R /needs/ci-build/bin/. .\n");
  const said = (name: string) => comments[name]?.join("\n") ?? "";
  assert.match(said("ci-test"), "upload-artifact logs is not taken: write logs/**/*.txt to /artifacts");
  assert.match(said("ci-test"), "not taken: outputs");
  assert.match(
    said("ci-package"),
    "download-artifact of all jobs is not taken: what is to be in all is in /needs/ci-build, /needs/ci-test, once it is written to /artifacts there",
  );
  assert.match(said("ci-package"), "download-artifact other is not taken: no job that is here");
});

test("a GitLab file with stages, needs, parallel, retry", async () => {
  const { config, comments, leftOut } = await gitlab(`
stages: [prepare, build, test, package]
default: { retry: 1, tags: [docker] }
.base: &base
  before_script: [echo begin]
fetch: { stage: prepare, script: make fetch, artifacts: { paths: [vendor/] } }
container: { stage: build, script: docker build . }
compile:
  <<: *base
  stage: build
  script: make
  artifacts: { paths: [out/app, out/lib], expire_in: 1 day }
  retry: { max: 2, when: [script_failure, stuck_or_timeout_failure] }
docs:
  stage: build
  needs: []
  script: make docs
  allow_failure: true
unit:
  stage: test
  script: make unit
  parallel: 3
  retry: { max: 2, when: runner_system_failure }
  artifacts: { paths: [report] }
e2e:
  stage: test
  needs: [{ job: compile, artifacts: false }, { job: gone, optional: true }, { project: a/b, job: x, ref: main }]
  script: make e2e
  parallel: { matrix: [{ BROWSER: [firefox, chromium] }] }
pack:
  stage: package
  script: make pack
  dependencies: [compile, unit]
late: { stage: never, script: make }
`);
  const needs = Object.fromEntries(Object.entries(config.jobs).map(([name, job]) => [name, job.needs]));
  assert.equal(needs, {
    fetch: undefined,
    compile: ["fetch"],
    docs: undefined,
    unit: ["fetch", "compile", "docs"],
    e2e: ["compile"],
    pack: ["compile", "unit", "e2e"],
    late: undefined,
  });
  const { compile, unit, pack, e2e } = config.jobs;
  assert.equal(
    Object.values(config.jobs).map(({ retries }) => retries),
    [1, 2, 1, undefined, 1, 1, 1],
  );
  assert.is(
    String(compile?.command),
    "bash -eo pipefail -c 'cp -R /needs/fetch/. .\necho begin\nmake\ncd /workspace\n" +
      "if [ -e out/app ]; then mkdir -p /artifacts/out; cp -R out/app /artifacts/out; fi\n" +
      "if [ -e out/lib ]; then mkdir -p /artifacts/out; cp -R out/lib /artifacts/out; fi'",
  );
  assert.match(String(unit?.command), "cp -R /needs/fetch/. .\ncp -R /needs/compile/. .\n");
  assert.not.match(String(e2e?.command), "/needs");
  assert.match(String(pack?.command), `for left in '\\''/needs/unit ('\\''*; do cp -R "$left/." .; done`);
  assert.not.match(String(pack?.command), "/needs/fetch");
  const said = (name: string) => comments[name]?.join("\n") ?? "";
  assert.match(said("unit"), "there it comes after container, left out here");
  assert.match(said("unit"), "retry after runner_system_failure is not taken");
  assert.match(said("docs"), "allow_failure is not taken");
  assert.match(said("docs"), "not taken: tags");
  assert.match(said("e2e"), "there it needs gone, which is not in the file");
  assert.match(said("e2e"), "its need of x of another pipeline is not taken");
  assert.match(said("late"), "its stage never is not one of the file's");
  assert.equal(leftOut, [".gitlab-ci.yml: the job container uses docker"]);
});

test("what a left-out job needs stands in its place; unknown needs are said", async () => {
  const { config, comments } = await jobs({
    a: "",
    b: "needs: a, container: debian",
    c: "needs: [b, gone]",
  });
  assert.equal(config.jobs["ci-c"]?.needs, ["ci-a"]);
  const said = comments["ci-c"]?.join("\n") ?? "";
  assert.match(said, "there it comes after b, left out here");
  assert.match(said, "there it needs gone, which is not in the file");
});

test("circles are left out, and what needs them is not", async () => {
  const { config, comments, leftOut } = await jobs({
    a: "needs: c",
    b: "needs: a",
    c: "needs: b",
    d: "needs: [c, e]",
    e: "",
    f: "needs: f",
  });
  assert.equal(config.jobs["ci-d"]?.needs, ["ci-e"]);
  assert.equal(Object.keys(config.jobs), ["ci-d", "ci-e"]);
  assert.match(comments["ci-d"]?.join("\n") ?? "", "there it comes after c, b, a, left out here");
  assert.equal(leftOut.map((line) => line.replace(/^.*the job /, "")).sort(), [
    "a could never begin: a needs c needs b needs a",
    "b could never begin: a needs c needs b needs a",
    "c could never begin: a needs c needs b needs a",
    "f could never begin: f needs f",
  ]);
});

const many = Array.from({ length: 20 }, (_, index) => index).join(", ");
const bombs: readonly (readonly [string, string, string, RegExp])[] = [
  [
    "400 instances",
    ".github/workflows/a.yml",
    `jobs: { a: { runs-on: ubuntu, strategy: { matrix: { x: [${many}], y: [${many}] } }, steps: [{ run: "echo \${{ matrix.x }} \${{ matrix.y }}" }] } }`,
    /has a matrix of 400 combinations; a job has at most 256 here/,
  ],
  [
    "combinations without end",
    ".github/workflows/a.yml",
    `jobs: { a: { runs-on: ubuntu, strategy: { matrix: { ${[..."abcdefgh"].map((key) => `${key}: [${many}]`).join(", ")} } }, steps: [{ run: "echo \${{ matrix.a }}" }] } }`,
    /more combinations than GitHub runs/,
  ],
  [
    "400 instances of GitLab's",
    ".gitlab-ci.yml",
    `a: { script: make, parallel: { matrix: [{ A: [${many}], B: [${many}] }] } }`,
    /has a matrix of 400 combinations/,
  ],
  ["300 shards", ".gitlab-ci.yml", "a: { script: make, parallel: 300 }", /cannot be written: .*shards/],
  [
    "a variable that no environment has",
    ".gitlab-ci.yml",
    "a: { script: make, variables: { 'A=B': x } }",
    /cannot be written: .*env/,
  ],
  [
    "bases by the thousand million",
    ".gitlab-ci.yml",
    `${Array.from({ length: 10 }, (_, index) => `.b${index}: { extends: [${Array.from({ length: 20 }, () => `.b${index + 1}`).join(", ")}] }\n`).join("")}.b10: { script: make }\na: { extends: .b9, when: manual }`,
    /runs only when it is manual/,
  ],
  [
    "more jobs than people write",
    ".gitlab-ci.yml",
    Array.from({ length: 501 }, (_, index) => `j${index}: { script: make }\n`).join(""),
    /has 501 jobs, more than 500/,
  ],
  ["a deep text", ".gitlab-ci.yml", "[".repeat(100_000), /cannot be read: it is nested too deeply/],
  ["a deep text of keys", ".gitlab-ci.yml", "? ".repeat(100_000), /cannot be read: it is nested too deeply/],
  ["a long text", ".gitlab-ci.yml", `# ${"x".repeat(2 ** 19)}`, /more than 524288 characters/],
  [
    "no YAML",
    ".github/workflows/a.yml",
    "jobs:\n  a: [\n",
    /is not a workflow that can be read: .* at line 3/,
  ],
  [
    "an action with a name of JavaScript's",
    ".github/workflows/a.yml",
    "jobs: { a: { runs-on: ubuntu, steps: [{ uses: constructor }, { run: make }] } }",
    /needs the action constructor/,
  ],
  [
    "a deployment",
    ".github/workflows/a.yml",
    "jobs: { a: { runs-on: ubuntu, environment: x, steps: [{ run: make }] } }",
    /deploys something/,
  ],
];
for (const [name, path, text, reason] of bombs)
  test(`left out: ${name}`, async () => {
    const { config, leftOut } = await imported({ [path]: text });
    assert.equal(config.jobs, {});
    assert.is(leftOut.length, 1);
    assert.match(leftOut[0] ?? "", reason);
  });

test("names that are no names of jobs here", async () => {
  const { config } = await gitlab(
    "check.x: { script: make }\n'→': { script: make }\n__proto__: { script: make }\n" +
      `${"y".repeat(80)}: { script: make, needs: ['→', __proto__] }\n${"y".repeat(81)}: { script: make }`,
  );
  assert.equal(Object.keys(config.jobs), [
    "check-x",
    "job",
    "proto__",
    "y".repeat(58),
    `${"y".repeat(58)}-2`,
  ]);
  assert.equal(config.jobs["y".repeat(58)]?.needs, ["job", "proto__"]);
});

test("with init, a job whose name another has gets one of its own, and is needed by it", async () => {
  const { config } = await proposed({
    "package.json": JSON.stringify({ scripts: { test: "x" } }),
    ".gitlab-ci.yml": "Test: { script: make }\nb: { needs: [Test], script: make }",
  });
  assert.equal(Object.keys(config.jobs), ["test", "Test-2", "b"]);
  assert.equal(config.jobs["b"]?.needs, ["Test-2"]);
});

test("a file is known by its name, else by what is in it", async () => {
  const { config } = await imported({
    "ci/build.yml": "on: push\njobs: { a: { runs-on: ubuntu, steps: [{ run: make }] } }",
    "ci/jobs.yml": "jobs: { script: make }",
    ".forgejo/workflows/x.yml": "jobs: { a: { runs-on: ubuntu, steps: [{ run: make }] } }",
    "x.gitlab-ci.yml": "x: { script: make }",
  });
  assert.equal(Object.keys(config.jobs), ["build-a", "jobs", "x-a", "x"]);
});

/** A workflow's matrix, the keys that a command reads, and what is written. */
const matrices: readonly (readonly [string, string, readonly string[], unknown])[] = [
  ["axes", "{ a: [1, 2], b: [x] }", ["a", "b"], { a: [1, 2], b: ["x"] }],
  [
    "an entry that brings a value back",
    "{ a: [1, 2], exclude: [{ a: 1 }], include: [{ a: 1 }] }",
    ["a"],
    { a: [2, 1] },
  ],
  [
    "an excluded combination of an axis that is not read",
    "{ os: [ubuntu, debian], a: [1, 2], exclude: [{ os: debian, a: 1 }] }",
    ["a"],
    { a: [1, 2] },
  ],
  [
    "entries alone",
    "{ include: [{ a: 1, b: x }, { a: 2, b: y }] }",
    ["a", "b"],
    {
      include: [
        { a: 1, b: "x" },
        { a: 2, b: "y" },
      ],
    },
  ],
  [
    "a value that every combination gets, and one that some get",
    "{ a: [1, 2], include: [{ v: all of them }, { a: 2, w: '#2' }] }",
    ["a", "v", "w"],
    {
      a: [1, 2],
      include: [
        { a: 1, v: "all of them" },
        { a: 2, v: "all of them", w: "#2" },
      ],
    },
  ],
  [
    "an exclude that leaves out nothing",
    "{ a: [1, 2], exclude: [{ a: 3 }, { b: 1 }] }",
    ["a"],
    { a: [1, 2] },
  ],
];
for (const [name, matrix, keys, wanted] of matrices)
  test(`a matrix: ${name}`, async () => {
    const run = keys.map((key) => `\${{ matrix.${key} }}`).join(" ");
    const { config, leftOut } = await github(
      `jobs: { a: { runs-on: ubuntu, strategy: { matrix: ${matrix} }, steps: [{ run: "echo ${run}" }] } }`,
    );
    assert.equal(leftOut, []);
    assert.equal(config.jobs["ci-a"]?.matrix, wanted);
  });

const unnameable: readonly (readonly [string, string, RegExp])[] = [
  ["entries alone with blanks", "{ include: [{ a: x y }] }", /a matrix with "x y"/],
  ["a list for a value", "{ include: [{ a: [1] }] }", /a matrix with \[1\]/],
  ["an include by an expression", "{ a: [1], include: '${{ fromJSON(x) }}' }", /an include or exclude that/],
  ["no such key", "{ b: [1] }", /reads matrix.a, which is no list/],
  ["nothing on Linux", "{ a: [windows-latest] }", /never Linux|runs on/],
];
for (const [name, matrix, reason] of unnameable)
  test(`a matrix that is left out: ${name}`, async () => {
    const { leftOut } = await github(
      `jobs: { a: { runs-on: "${name.includes("Linux") ? "${{ matrix.a }}" : "ubuntu"}", strategy: { matrix: ${matrix} }, steps: [{ run: "echo \${{ matrix.a }}" }] } }`,
    );
    assert.match(leftOut.join(), reason);
  });

test.run();
