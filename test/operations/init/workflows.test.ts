import { suite } from "uvu";
import * as assert from "uvu/assert";
import { proposed, type Seen, withTools } from "./memory.ts";

const test = suite("init: GitHub workflows");

/** One workflow, `ci.yml`, of one job, `a`, that is written in YAML's flow style or in blocks. */
const job = (text: string) =>
  `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n${text.replace(/^/gm, "    ")}\n`;
const steps = (...all: string[]) => job(`steps:\n${all.map((one) => `  - ${one}\n`).join("")}`);

async function jobOf(workflow: string, files: Readonly<Record<string, string>> = {}, seen: Seen = {}) {
  const { config, comments, leftOut } = await proposed(
    { ".github/workflows/ci.yml": workflow, ...files },
    seen,
  );
  return { job: config.jobs["ci-a"], notes: (comments["ci-a"] ?? []).join("\n"), leftOut, config };
}

test("steps become one command, each a shell of its own", async () => {
  const { job: made, leftOut } = await jobOf(
    `env: { A: 1 }
defaults: { run: { working-directory: pkg } }
jobs:
  a:
    runs-on: [ubuntu-22.04]
    env: { B: "it's" }
    steps:
      - uses: actions/checkout@v4
      - name: build
        run: |
          cd x
          make all
      - { run: make test, shell: bash, working-directory: ., env: { C: "a b" } }
      - { run: ./upload, if: "always()" }
      - { run: exit 1, continue-on-error: true }
`,
  );
  assert.equal(leftOut, []);
  assert.equal(made?.env, { A: "1", B: "it's" });
  assert.equal([made?.workspace, made?.network], ["private", undefined]);
  const text = String(made?.command);
  assert.match(text, /^bash -e -c /);
  const blocks = [
    "(\ncd -- pkg\ncd x\nmake all\n)",
    "(\nset -o pipefail\ncd -- .\nexport C=",
    "(\ncd -- pkg\nexit 1\n) || true",
  ];
  for (const block of blocks) assert.ok(text.includes(block), `${block}\nis not in\n${text}`);
  assert.not.match(text, "upload");
});

const refused: readonly (readonly [string, string, RegExp])[] = [
  [
    "a marketplace action",
    steps("uses: some/action@v1", "run: make"),
    /ci.yml: the job a needs the action some\/action@v1/,
  ],
  ["an action of the tree", steps("uses: ./.github/actions/x", "run: make"), /needs the action .\/.github/],
  ["a called workflow", "jobs: { a: { uses: x/y/.github/workflows/z.yml@v1 } }", /calls the workflow x\/y/],
  ["a condition", job("if: github.ref == 'x'\nsteps: [{ run: make }]"), /runs under a condition/],
  [
    "a step's condition",
    steps("{ run: make, if: github.ref == 'x' }"),
    /the step "make" runs under a condition/,
  ],
  ["a container", job("container: debian\nsteps: [{ run: make }]"), /runs in a container/],
  [
    "a service",
    job("services: { db: { image: 'mysql:8' } }\nsteps: [{ run: make }]"),
    /needs the service mysql:8, for which/,
  ],
  [
    "a service of an odd form",
    job("services: [db]\nsteps: [{ run: make }]"),
    /services that are written in a way/,
  ],
  [
    "a service with an expression",
    job("services: { db: { image: postgres, env: { POSTGRES_DB: '${{ x }}' } } }\nsteps: [{ run: make }]"),
    /has an expression in its service db/,
  ],
  [
    "a matrix in single quotes",
    job("strategy: { matrix: { v: [1] } }\nsteps: [{ run: \"echo '${{ matrix.v }}'\" }]"),
    /reads its matrix in single quotes/,
  ],
  [
    "a matrix by an expression",
    job("strategy: { matrix: '${{ fromJSON(x) }}' }\nsteps: [{ run: 'echo ${{ matrix.v }}' }]"),
    /that an expression makes/,
  ],
  [
    "a matrix of objects",
    job("strategy: { matrix: { v: [{ a: 1 }] } }\nsteps: [{ run: 'echo ${{ matrix.v }}' }]"),
    /a matrix with \{"a":1\}/,
  ],
  [
    "a part of a matrix's value",
    job("env: { A: 'x${{ matrix.v }}' }\nstrategy: { matrix: { v: [1] } }\nsteps: [{ run: make }]"),
    /expression in its environment/,
  ],
  ["an expression", steps("run: echo ${{ github.sha }}"), /has an expression of GitHub's/],
  [
    "a secret",
    job("env: { T: '${{ secrets.T }}' }\nsteps: [{ run: make }]"),
    /expression in its environment/,
  ],
  ["GITHUB_OUTPUT", steps('run: echo "a=b" >> $GITHUB_OUTPUT'), /uses GITHUB_OUTPUT/],
  ["sudo", steps("run: sudo apt-get install x"), /uses sudo/],
  ["another shell", steps("{ run: print(1), shell: python }"), /is for the shell python/],
  ["Windows", "jobs: { a: { runs-on: windows-latest, steps: [{ run: make }] } }", /runs on "windows-latest"/],
  ["no steps", steps("uses: actions/checkout@v4"), /has no `run:` steps/],
  [
    "an unreadable job",
    "jobs: { a: { runs-on: ubuntu-latest, steps: { run: x } } }",
    /that pikaci does not know/,
  ],
  ["an unreadable file", "jobs: [", /ci.yml: is not a workflow that can be read/],
  ["no workflow", "just text", /is not a workflow/],
  [
    "aliases without end",
    "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c]",
    /is not a workflow/,
  ],
];
for (const [name, workflow, reason] of refused)
  test(`left out: ${name}`, async () => {
    const { job: made, leftOut, config } = await jobOf(workflow);
    assert.is(made, undefined);
    assert.is(leftOut.length, 1);
    assert.match(leftOut[0] ?? "", reason);
    assert.equal(Object.keys(config.jobs), ["test"]);
  });

test("a matrix that commands read is one here, and a service is a program of the host", async () => {
  const {
    job: made,
    notes,
    leftOut,
  } = await jobOf(
    job(`strategy: { matrix: { suite: [unit, "e2e"], node-version: [20, 22], n: [1, 2] } }
env: { N: "\${{ matrix.n }}" }
services:
  pg: { image: "postgres:16-alpine", env: { POSTGRES_PASSWORD: x }, ports: ["5432:5432"], options: --health-cmd pg_isready }
  redis: { image: redis }
steps:
  - { uses: actions/setup-node@v4, with: { node-version: "\${{ matrix.node-version }}" } }
  - run: make "\${{ matrix.suite }}" && echo \${{matrix.suite}}`),
  );
  assert.equal(leftOut, []);
  assert.equal(made?.matrix, { suite: ["unit", "e2e"], n: [1, 2] });
  assert.equal(made?.env, { N: "${matrix.n}", MATRIX_SUITE: "${matrix.suite}", MATRIX_N: "${matrix.n}" });
  assert.match(String(made?.command), /make "\$\{MATRIX_SUITE\}" && echo \$\{MATRIX_SUITE\}/);
  assert.equal(Object.keys(made?.services ?? {}), ["pg", "redis"]);
  assert.match(notes, /postgres:16-alpine: the host's PostgreSQL/);
  assert.match(notes, /matrix\.node-version is not run: only GitHub reads it/);
});

test("a matrix of systems that has Linux runs once", async () => {
  const text =
    "jobs: { a: { strategy: { matrix: { os: [macos-14, ubuntu-24.04] } }, runs-on: '${{ matrix.os }}', steps: [{ run: make }] } }";
  assert.match((await jobOf(text)).notes, "its matrix is not run: once");
  const other = text.replace(", ubuntu-24.04", "");
  assert.match((await jobOf(other)).leftOut.join(), "runs on");
});

test("a set-up is the toolchain that is here, or the job is left out", async () => {
  const text = steps("uses: actions/setup-go@v5", "run: go vet ./...");
  const tree = { kind: "tree", from: "asdf", path: "/h/.asdf/installs/golang/1.22/go", bin: "bin" } as const;
  const { job: made } = await jobOf(text, { "go.mod": "module a\n" }, { find: withTools({ go: tree }) });
  assert.equal(made?.prepare, { go: { path: tree.path } });
  assert.match(made?.env?.PATH ?? "", /^\/prepared\/go\/bin:/);
  const none = withTools({ go: { kind: "missing", looked: "looked" } });
  assert.match(
    (await jobOf(text, {}, { find: none })).leftOut.join(),
    "the job a needs go, which is not here",
  );
  const used = await jobOf(steps("run: cd x && A=1 go test"), {}, { find: none });
  assert.match(used.leftOut.join(), "needs go, which is not here");
});

test("packages of Node that are installed here are not fetched", async () => {
  const text = steps("uses: actions/setup-node@v4", "run: npm ci --ignore-scripts", "run: npm test");
  const here = await jobOf(text, { "node_modules/a/package.json": "{}" });
  assert.equal(here.job?.prepare, { node_modules: { path: "node_modules", at: "node_modules" } });
  assert.is(here.job?.network, undefined);
  assert.not.match(String(here.job?.command), "npm ci");
  const away = await jobOf(text);
  assert.equal([away.job?.network, away.job?.prepare], ["host", undefined]);
  assert.match(String(away.job?.command), "npm ci --ignore-scripts");
});

test("a network where crates or modules are fetched", async () => {
  const crates = await jobOf(steps("run: cargo test"), { "Cargo.toml": '[dependencies]\na = "1"\n' });
  assert.is(crates.job?.network, "host");
  const modules = await jobOf(steps("run: go test ./..."), { "go.mod": "require a v1\n" });
  assert.is(modules.job?.network, "host");
});

test("beside other jobs they are a target of their own; names that differ by case only are told apart", async () => {
  const files = {
    "package.json": JSON.stringify({ scripts: { test: "x" } }),
    ".github/workflows/ci.yml": steps("run: make"),
    ".github/workflows/CI.yaml": steps("run: make"),
    ".github/workflows/x y.yml": steps("run: make"),
    ".github/workflows/README.md": "text",
  };
  const { config } = await proposed(files);
  assert.equal(Object.keys(config.jobs).sort(), ["CI-a", "ci-a-2", "test", "x-y-a"]);
  assert.equal(config.targets?.default?.jobs, ["test"]);
  assert.equal(config.targets?.workflows?.jobs.length, 3);
});

test.run();
