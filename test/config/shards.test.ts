import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseConfig } from "../../src/config/load.ts";
import { selectJobs } from "../../src/config/targets.ts";
import { ConfigError } from "../../src/core/errors.ts";

const test = suite("config: shards");
const ref = (key: string) => `\${matrix.${key}}`;

const projectOf = (unit: object, more: object = {}) =>
  parseConfig(
    { jobs: { unit: { command: "true", ...unit }, lint: { command: "true" } }, ...more },
    "/w",
    null,
  );

function problemsOf(unit: object): string[] {
  try {
    projectOf(unit);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n").slice(1);
  }
  return [];
}

test("a number: so many jobs, which know which one they are", () => {
  const { jobs } = projectOf({ shards: 3, env: { OWN: "x" } });
  assert.equal(Object.keys(jobs), ["lint", "unit (1 of 3)", "unit (2 of 3)", "unit (3 of 3)"]);
  const second = jobs["unit (2 of 3)"];
  assert.equal(second?.env, { PIKACI_SHARD: "2", PIKACI_SHARDS: "3", OWN: "x" });
  assert.equal([second?.group, second?.shard], ["unit", { index: 2, count: 3 }]);
  assert.is(jobs["lint"]?.shard, undefined);
});

test("with files: their list is named, and the globs stay for the snapshot", () => {
  const { jobs } = projectOf({ shards: { count: 2, files: ["test/**/*.test.ts"] } });
  const first = jobs["unit (1 of 2)"];
  assert.is(first?.env.PIKACI_SHARD_FILES, "/tmp/pikaci-shard-files");
  assert.equal(first?.shard, { index: 1, count: 2, globs: ["test/**/*.test.ts"] });
});

test("with a matrix: shards of each instance, whose number may be a value", () => {
  const { jobs } = projectOf({
    matrix: {
      node: [20, 22],
      include: [
        { node: 20, n: 2 },
        { node: 22, n: 1 },
      ],
    },
    shards: ref("n"),
  });
  const names = Object.keys(jobs).slice(1);
  assert.equal(names, ["unit (20, 1 of 2)", "unit (20, 2 of 2)", "unit (22, 1 of 1)"]);
  const [env] = names.map((name) => jobs[name]?.env);
  assert.equal(env, { PIKACI_SHARD: "1", PIKACI_SHARDS: "2", PIKACI_MATRIX: '{"node":20,"n":2}' });
});

test("a name means the shards of a job, of an instance, or one", () => {
  const targets = { all: { jobs: ["unit"] }, one: { jobs: ["unit (22)", "unit (20, 2 of 2)"] } };
  const project = projectOf({ matrix: { node: [20, 22] }, shards: 2 }, { targets, defaultTarget: "all" });
  const selected = (...names: string[]) => selectJobs(project, null, names).jobs.map(({ name }) => name);
  const all = ["unit (20, 1 of 2)", "unit (20, 2 of 2)", "unit (22, 1 of 2)", "unit (22, 2 of 2)"];
  assert.equal(selected("unit"), all);
  assert.equal(selected("unit (20)"), all.slice(0, 2));
  assert.equal(selected("unit (20, 2 of 2)"), all.slice(1, 2));
  assert.equal(project.targets["all"]?.jobs, all);
  assert.equal(project.targets["one"]?.jobs, ["unit (22, 1 of 2)", "unit (22, 2 of 2)", "unit (20, 2 of 2)"]);
});

const refused: readonly (readonly [what: string, unit: object, problem: string])[] = [
  ["none", { shards: 0 }, "jobs.unit.shards: expected a whole number from 1 to 256"],
  ["too many", { shards: 257 }, "jobs.unit.shards: expected a whole number from 1 to 256"],
  ["a part", { shards: 1.5 }, "jobs.unit.shards: expected a number of shards"],
  ["text", { shards: "8" }, 'jobs.unit.shards: expected a number of shards, or { "count": 8, "files"'],
  ["no files", { shards: { count: 2, files: [] } }, "jobs.unit.shards.files: needs at least one glob"],
  ["no count", { shards: { files: ["a"] } }, "jobs.unit.shards.count: expected a whole number from 1 to 256"],
  ["an empty glob", { shards: { count: 2, files: [""] } }, "jobs.unit.shards.files[0]: must not be empty"],
  [
    "an unknown key",
    { shards: { count: 2, files: ["a"], file: "b" } },
    'jobs.unit.shards: unknown key "file"; did you mean "files"?',
  ],
  [
    "too many with a matrix",
    { matrix: { a: [1, 2, 3] }, shards: 100 },
    "jobs.unit.shards: makes 300 jobs, each with its shards, and may make 256",
  ],
  [
    "a name that is too long",
    { matrix: { a: ["x".repeat(120)] }, shards: 2 },
    "jobs.unit: makes a name of more than 128 characters",
  ],
  [
    "no number in the matrix",
    { matrix: { n: ["many"] }, shards: ref("n") },
    "jobs.unit.shards: expected a number of shards",
  ],
  [
    "a mistake in all of them, once",
    { shards: 3, timeout: "soon" },
    "jobs.unit.timeout: expected a duration",
  ],
];

for (const [what, unit, problem] of refused)
  test(`refused, and located: ${what}`, () => {
    const found = problemsOf(unit);
    assert.is(found.length, 1, found.join("\n"));
    assert.ok(found[0]?.startsWith(problem), `${found[0]}\n${problem}`);
  });

test.run();
