import { suite } from "uvu";
import * as assert from "uvu/assert";
import { wantsChecks, withCheckJobs } from "../../src/config/check-jobs.ts";
import { parseConfig } from "../../src/config/load.ts";

const test = suite("checks of a flake as jobs");
const SYSTEM = "x86_64-linux";

function project(more: object) {
  const jobs = { unit: { command: "true" }, "check.taken": { command: "true" } };
  return parseConfig({ checks: true, jobs, ...more }, "/w", null);
}

const installables = [
  ["fmt", "fmt"],
  ["with-dash_1", "with-dash_1"],
  ["v1.0", '"v1.0"'],
  ["1st", '"1st"'],
  ["-x", '"-x"'],
  ["x".repeat(58), "x".repeat(58)],
] as const;

for (const [name, attr] of installables)
  test(`${name}: a job that builds checks.${SYSTEM}.${attr}`, () => {
    const job = withCheckJobs(project({}), SYSTEM, [name]).jobs[`check.${name}`];
    assert.equal(job?.prepare, { check: { kind: "installable", installable: `.#checks.${SYSTEM}.${attr}` } });
    assert.is(job?.builds, true);
  });

const refused = [
  [["a b"], /"a b": a job's name has/],
  [["é"], /"é": a job's name has/],
  [["../x"], /"\.\.\/x": a job's name has/],
  [["x".repeat(59)], /at most 58/],
  [["taken"], /"taken": the configuration has a job check\.taken/],
  [["Taken"], /"Taken": the configuration has a job check\.Taken/],
  [["fmt", "Fmt"], /"fmt": it differs from "Fmt" only in case/],
] as const;

for (const [names, message] of refused)
  test(`${JSON.stringify(names)} is refused by name`, () =>
    assert.throws(
      () => withCheckJobs(project({}), SYSTEM, names),
      (error: Error) => message.test(error.message),
    ));

test("what is left out has to be there, and is no job", () => {
  const without = project({ checks: { exclude: ["a b"] } });
  assert.equal(Object.keys(withCheckJobs(without, SYSTEM, ["a b", "fmt"]).jobs).sort(), [
    "check.fmt",
    "check.taken",
    "unit",
  ]);
  assert.throws(
    () => withCheckJobs(without, SYSTEM, ["fmt"]),
    /checks\.exclude\[0\]: the flake has no check "a b"/,
  );
});

const wanted = [
  [{}, null, [], true],
  [{}, null, ["unit"], false],
  [{}, null, ["unit", "check.fmt"], true],
  [{ targets: { default: { jobs: ["unit"] } } }, null, [], false],
  [{ targets: { default: { jobs: ["check.fmt"] } } }, null, [], true],
  [{ targets: { default: { jobs: [], checks: true } } }, null, [], true],
  [{ targets: { default: { jobs: ["unit"] }, all: { jobs: [], checks: true } } }, "all", [], true],
  [{ targets: { default: { jobs: ["unit"] }, all: { jobs: [], checks: true } } }, "none", [], false],
  [{ checks: false }, null, ["check.fmt"], false],
] as const;

for (const [more, target, jobs, answer] of wanted)
  test(`${JSON.stringify(more)}, target ${target}, jobs ${jobs}: ${answer ? "asked for" : "not asked for"}`, () =>
    assert.is(wantsChecks(project(more), target, jobs), answer));

const wrong = [
  [{ checks: "yes" }, /expected true, or \{ "exclude"/],
  [{ checks: { exclude: "fmt" } }, /expected true, or|expected/],
  [{ checks: undefined, jobs: {} }, /needs at least one job, or `checks`/],
  [
    { checks: false, targets: { all: { jobs: ["unit"], checks: true } } },
    /targets\.all\.checks: the project has no/,
  ],
  [{ targets: { all: { jobs: [] } } }, /targets\.all\.jobs: a target needs at least one job/],
  [{ checks: false, targets: { all: { jobs: ["check.fmt"] } } }, /unknown job "check\.fmt"/],
] as const;

for (const [more, message] of wrong)
  test(`${JSON.stringify(more)} is refused`, () => assert.throws(() => project(more), message));

test("only checks, and no job", () => {
  const { jobs, targets } = withCheckJobs(parseConfig({ checks: true, jobs: {} }, "/w", null), SYSTEM, [
    "b",
    "a",
  ]);
  assert.equal(Object.keys(jobs), ["check.b", "check.a"]);
  assert.equal(targets.default?.jobs, ["check.b", "check.a"]);
});

test.run();
