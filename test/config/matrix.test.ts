import { suite } from "uvu";
import * as assert from "uvu/assert";
import { configJsonSchema } from "../../src/config/json-schema.ts";
import { parseConfig } from "../../src/config/load.ts";
import type { ConfigInput } from "../../src/config/schema.ts";
import { ConfigError } from "../../src/core/errors.ts";
import type { JobSpec } from "../../src/core/job.ts";

const test = suite("config: matrix");
/** What stands for a value of the matrix. */
const ref = (key: string) => `\${matrix.${key}}`;

function jobsOf(unit: object, more: object = {}): Readonly<Record<string, JobSpec>> {
  return parseConfig({ jobs: { unit: { command: "true", ...unit } }, ...more }, "/w/demo", "c.json").jobs;
}

function problemsOf(jobs: object, more: object = {}): string[] {
  try {
    parseConfig({ jobs, ...more }, "/w/demo", "c.json");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n").slice(1);
  }
  return [];
}

const axes = { node: [20, 22], db: ["pg", "sqlite"] };
const all = ["unit (20, pg)", "unit (20, sqlite)", "unit (22, pg)", "unit (22, sqlite)"];

/** Each matrix with the names of its instances, in the order of the project: by name. */
const expanded: readonly (readonly [matrix: object, ...names: string[]])[] = [
  [axes, ...all],
  [{ node: [20] }, "unit (20)"],
  [
    { v: [true, "c++20", "npm@10", -1, 3.5] },
    "unit (-1)",
    "unit (3.5)",
    "unit (c++20)",
    "unit (npm@10)",
    "unit (true)",
  ],
  [{ ...axes, exclude: [{ node: 20, db: "pg" }] }, ...all.slice(1)],
  [{ ...axes, exclude: [{ db: "pg" }] }, "unit (20, sqlite)", "unit (22, sqlite)"],
  [{ ...axes, exclude: [{ node: 20 }, { node: 22, db: "pg" }] }, "unit (22, sqlite)"],
  // An entry that agrees with no combination is an instance of its own, also where it has not all axes.
  [{ ...axes, include: [{ node: 24, db: "pg" }] }, ...all, "unit (24, pg)"],
  [{ ...axes, include: [{ node: 24 }] }, ...all, "unit (24)"],
  // What was excluded comes back by include.
  [{ ...axes, exclude: [{ node: 20 }], include: [{ node: 20, db: "pg" }] }, "unit (20, pg)", ...all.slice(2)],
  [{ include: [{ node: 20, db: "pg" }, { node: 22 }] }, "unit (20, pg)", "unit (22)"],
];

for (const [matrix, ...names] of expanded)
  test(`${JSON.stringify(matrix)} makes ${names.length} instances`, () => {
    const jobs = jobsOf({ matrix });
    assert.equal(Object.keys(jobs), names);
    for (const job of Object.values(jobs)) assert.is(job.group, "unit");
  });

test("a job without a matrix is of no group, and has no variable of one", () => {
  const { unit } = jobsOf({});
  assert.is(unit?.group, undefined);
  assert.equal(unit?.env, {});
});

test("include adds values to what it agrees with, the later one wins, and what is not there is left out", () => {
  const include = [
    { node: 20, mode: "fast" },
    { mode: "slow", node: 22 },
    { node: 22, db: "pg", mode: "thorough" },
  ];
  const jobs = jobsOf({
    command: ["run", ref("node"), ref("only"), "end"],
    matrix: { ...axes, include: [...include, { node: 20, db: "sqlite", only: "here it's" }] },
    env: { MODE: ref("mode"), ONLY: ref("only") },
  });
  assert.equal(Object.fromEntries(Object.values(jobs).map(({ name, env }) => [name, env.MODE])), {
    "unit (20, pg)": "fast",
    "unit (20, sqlite)": "fast",
    "unit (22, pg)": "thorough",
    "unit (22, sqlite)": "slow",
  });
  assert.is(jobs["unit (20, pg)"]?.env.ONLY, undefined);
  assert.is(jobs["unit (20, sqlite)"]?.env.ONLY, "here it's");
  assert.equal(jobs["unit (22, pg)"]?.command, { kind: "argv", argv: ["run", "22", "end"] });
  assert.equal(jobs["unit (20, sqlite)"]?.command, { kind: "argv", argv: ["run", "20", "here it's", "end"] });
});

test("a value stands wherever a value may: text in words, numbers and booleans where they are meant", () => {
  const jobs = jobsOf({
    matrix: {
      v: [1],
      include: [
        {
          v: 1,
          ms: 5000,
          vcpu: 3,
          git: true,
          place: "nix/ci#tools",
          dir: "packages/a",
          text: "x; rm -rf $HOME",
        },
      ],
    },
    command: ref("text"),
    timeout: ref("ms"),
    git: ref("git"),
    cwd: ref("dir"),
    runner: { backend: "minivm", vcpu: ref("vcpu"), memory: "512MiB" },
    prepare: { tools: ref("place"), own: { path: ref("dir") } },
    limits: { processes: ref("vcpu") },
    inputs: [ref("dir")],
    env: { NUMBER: ref("ms"), BOTH: ref("git"), PLAIN: "$HOME" },
  });
  const job = jobs["unit (1)"];
  assert.equal(job?.command, { kind: "shell", text: "x; rm -rf $HOME" });
  assert.is(job?.timeoutMs, 5000);
  assert.is(job?.git, true);
  assert.is(job?.cwd, "/workspace/packages/a");
  assert.equal(job?.shape, { backend: "minivm", vcpu: 3, memoryMiB: 512 });
  assert.equal(job?.prepare.own, { kind: "path", path: "packages/a" });
  assert.equal(job?.limits, { processes: 3 });
  assert.equal(job?.inputs, ["packages/a"]);
  const { PIKACI_MATRIX = "", ...env } = job?.env ?? {};
  assert.equal(env, { NUMBER: "5000", BOTH: "true", PLAIN: "$HOME" });
  assert.is(JSON.parse(PIKACI_MATRIX).vcpu, 3);
  assert.equal(Object.keys(JSON.parse(PIKACI_MATRIX))[0], "v");
});

test("a target's job is all of its instances, or the one that it names", () => {
  const targets = { all: { jobs: ["lint", "unit"] }, one: { jobs: ["unit (22, pg)", "unit (22, pg)"] } };
  const jobs = { unit: { command: "true", matrix: axes }, lint: { command: "true" } };
  const project = parseConfig({ jobs, targets, defaultTarget: "all" }, "/w/demo", "c.json");
  assert.equal(project.targets.all?.jobs, ["lint", ...all]);
  assert.equal(project.targets.one?.jobs, ["unit (22, pg)"]);
});

const many = (count: number) => Array.from({ length: count }, (_, index) => index);
const unit = (more: object) => ({ unit: { command: "true", ...more } });

const refused: readonly (readonly [what: string, jobs: object, ...problems: string[]])[] = [
  ["no object", unit({ matrix: [20] }), 'jobs.unit.matrix: expected an object, as in { "node": [20, 22] }'],
  ["nothing at all", unit({ matrix: {} }), "jobs.unit.matrix: has neither an axis"],
  ["an empty axis", unit({ matrix: { node: [] } }), "jobs.unit.matrix.node: needs at least one value"],
  [
    "no list",
    unit({ matrix: { node: 20 } }),
    "jobs.unit.matrix.node: expected a list of values, as in [20, 22]",
  ],
  [
    "a list in it",
    unit({ matrix: { node: [[1]] } }),
    "jobs.unit.matrix.node[0]: expected text, a number, true or false",
  ],
  [
    "a value that no name has",
    unit({ matrix: { os: ["a/b"] } }),
    "jobs.unit.matrix.os[0]: stands in the names of jobs",
  ],
  ["an empty value", unit({ matrix: { os: [""] } }), "jobs.unit.matrix.os[0]: stands in the names of jobs"],
  ["an odd key", unit({ matrix: { "a b": [1] } }), 'jobs.unit.matrix["a b"]: a key of a matrix has letters'],
  [
    "a value twice",
    unit({ matrix: { node: [20, "20"] } }),
    'jobs.unit.matrix.node[1]: "20" is there already',
  ],
  [
    "values that differ by case",
    unit({ matrix: { db: ["pg", "PG"] } }),
    'jobs.unit: differs from "unit (pg)" by case only; rename one (in unit (PG))',
  ],
  [
    "too many",
    unit({ matrix: { a: many(17), b: many(16) } }),
    "jobs.unit.matrix: makes 272 instances, and a job has at most 256",
  ],
  [
    "far too many",
    unit({ matrix: { a: many(200), b: many(200), c: many(200) } }),
    "jobs.unit.matrix: makes 8000000 instances",
  ],
  [
    "a long name",
    unit({ matrix: { a: ["x".repeat(70)], b: ["y".repeat(70)] } }),
    "jobs.unit.matrix: makes a name of more than 128 characters",
  ],
  [
    "exclude of no axis",
    unit({ matrix: { ...axes, exclude: [{ ndoe: 20 }] } }),
    'jobs.unit.matrix.exclude[0].ndoe: unknown axis (did you mean "node"?); the axes are node, db',
  ],
  [
    "exclude of no combination",
    unit({ matrix: { ...axes, exclude: [{ node: "20" }] } }),
    "jobs.unit.matrix.exclude[0]: no combination has these values; a number is not the text of it",
  ],
  [
    "exclude of nothing",
    unit({ matrix: { ...axes, exclude: [{}] } }),
    "jobs.unit.matrix.exclude[0]: needs at least one key",
  ],
  [
    "exclude of all",
    unit({ matrix: { node: [20], exclude: [{ node: 20 }] } }),
    "jobs.unit.matrix: is left with no instance by `exclude`",
  ],
  [
    "include of an unused key",
    unit({ matrix: { ...axes, include: [{ ndoe: 24 }] } }),
    `jobs.unit.matrix.include[0].ndoe: is no axis, and nothing is \`${ref("ndoe")}\` (did you mean "node"?)`,
  ],
  [
    "include as an object",
    unit({ matrix: { include: { node: 1 } } }),
    'jobs.unit.matrix.include: expected a list of objects, as in [{ "node": 20 }]',
  ],
  [
    "include that no name has",
    unit({ matrix: { include: [{ cmd: "npm test" }] } }),
    'jobs.unit.matrix: "npm test" cannot stand in a job\'s name',
  ],
  [
    "instances of one name",
    unit({
      matrix: {
        node: [20],
        include: [
          { node: 22, a: 1 },
          { node: 22, a: 2 },
        ],
      },
      env: { A: ref("a") },
    }),
    "jobs.unit.matrix: makes unit (22) twice",
  ],
  [
    "an unknown key",
    unit({ matrix: axes, env: { A: ref("nodes") } }),
    'jobs.unit.env.A: the matrix has no nodes (did you mean "node"?); it has node, db',
  ],
  [
    "a part of a text",
    unit({ matrix: axes, command: `test ${ref("node")}` }),
    `jobs.unit.command: \`${ref("KEY")}\` stands only for a whole value; for a part of one, give it to \`env\``,
  ],
  [
    "GitHub's way",
    unit({ matrix: axes, command: ["x", `\${{ matrix.node }}`] }),
    `jobs.unit.command[1]: \`${ref("KEY")}\` stands only for a whole value`,
  ],
  ["no matrix", unit({ timeout: ref("t") }), `jobs.unit.timeout: ${ref("t")} in a job without \`matrix\``],
  [
    "a name of an instance",
    { "unit (20)": { command: "true" } },
    'jobs["unit (20)"]: only a matrix makes such names',
  ],
  ["a bad name", { "a b": { command: "true", matrix: axes } }, 'jobs["a b"]: a name has letters, digits'],
  [
    "a wrong value",
    unit({ matrix: { t: ["1h", "soon", "later"] }, timeout: ref("t") }),
    'jobs.unit.timeout: expected a duration: "90s", "10m", "1h30m", or milliseconds as a whole number above 0 (in unit (soon) and 1 more)',
  ],
  [
    "a wrong type",
    unit({ matrix: { t: [true] }, timeout: ref("t") }),
    "jobs.unit.timeout: expected a duration",
  ],
  [
    "text where a number is meant",
    unit({ matrix: { p: ["many"] }, limits: { processes: ref("p") } }),
    "jobs.unit.limits.processes: ",
  ],
  [
    "a wrong key in all of them, once",
    unit({ matrix: axes, comand: "x" }),
    'jobs.unit: unknown key "comand"; did you mean "command"?',
  ],
  [
    "a path out of one",
    unit({ matrix: { d: ["a", "b"], include: [{ d: "b", dir: "../x" }] }, cwd: ref("dir") }),
    "jobs.unit.cwd: must not leave /workspace by `..`; write an absolute path (in unit (b))",
  ],
  [
    "a runner that it has not",
    unit({ matrix: { r: ["sandbox", "minivm"] }, runner: ref("r"), network: "host" }),
    'jobs.unit.network: the runner minivm has "none" and "user" (in unit (minivm))',
  ],
  [
    "nothing where something is needed",
    unit({ command: ref("c"), matrix: { a: [1, 2], include: [{ a: 1, c: "x" }] } }),
    "jobs.unit.command: ",
  ],
];

for (const [what, jobs, ...problems] of refused)
  test(`refused, and located: ${what}`, () => {
    const found = problemsOf(jobs);
    assert.is(found.length, problems.length, found.join("\n"));
    for (const [index, problem] of problems.entries())
      assert.ok(found[index]?.startsWith(problem), `${found[index]}\n${problem}`);
  });

test("a configuration in TypeScript, and an editor's schema, take a reference where a value is no text", () => {
  const typed: ConfigInput = {
    jobs: {
      unit: {
        command: ["test", "${matrix.node}"],
        matrix: { node: [20, "22"], exclude: [{ node: 20 }], include: [{ node: 24, vcpu: 2 }] },
        runner: { backend: "minivm", vcpu: "${matrix.vcpu}" },
        limits: { processes: "${matrix.node}" },
        network: "${matrix.network}",
      },
    },
  };
  assert.equal(Object.keys(typed.jobs), ["unit"]);
  const text = JSON.stringify(configJsonSchema());
  const reference = '{"type":"string","pattern":"^\\\\$\\\\{matrix\\\\.[A-Za-z_][A-Za-z0-9_-]*\\\\}$"}';
  assert.ok(text.includes(`"minimum":1,"maximum":64},${reference}]`), "vcpu");
  assert.ok(text.includes(`"enum":["none","host","user"]},${reference}]`), "network");
  assert.ok(text.includes('"jobs":{"type":"array","items":'), "a target's jobs");
});

test("targets know instances and jobs that have some, and nothing else", () => {
  const target = (name: string) =>
    problemsOf(unit({ matrix: axes }), { targets: { default: { jobs: [name] } } });
  assert.equal([target("unit"), target("unit (20, pg)")], [[], []]);
  assert.match(
    target("unit (20, mysql)")[0] ?? "",
    /targets.default.jobs\[0\]: unknown job "unit \(20, mysql\)"/,
  );
  assert.match(target("unti")[0] ?? "", 'did you mean "unit"?');
});

test.run();
