import { suite } from "uvu";
import * as assert from "uvu/assert";
import { wantsChecks, withCheckJobs } from "../../src/config/check-jobs.ts";
import { jobsNamed } from "../../src/config/jobs-named.ts";
import { parseConfig } from "../../src/config/load.ts";
import { selectNeeds, withNeeds } from "../../src/config/needs.ts";
import { selectJobs } from "../../src/config/targets.ts";

const test = suite("needs");

const job = (...needs: readonly string[]) => ({ command: "true", needs });
const parse = (jobs: object, more: object = {}) => parseConfig({ jobs, ...more }, "/w/demo", null);

const refused: Readonly<Record<string, readonly [jobs: object, message: RegExp, more?: object]>> = {
  "an unknown job": [
    { build: job(), test: job("biuld") },
    /jobs\.test\.needs\[0\]: unknown job "biuld" \(did you mean "build"\?\); add it to `jobs`/,
  ],
  itself: [{ test: job("test") }, /jobs\.test\.needs\[0\]: a job cannot need itself/],
  twice: [{ a: job(), b: job("a", "a") }, /jobs\.b\.needs\[1\]: "a" stands there twice/],
  "a circle of two": [{ a: job("b"), b: job("a") }, /jobs\.a\.needs: .*: a needs b needs a; remove one/],
  "a long circle, without what leads to it": [
    { a: job("b"), b: job("c"), c: job("d"), d: job("b") },
    /jobs\.b\.needs: .*: b needs c needs d needs b;/,
  ],
  "a check of a project without checks": [{ test: job("check.lint") }, /jobs\.test\.needs\[0\]: unknown job/],
  "no list": [{ test: { command: "true", needs: "build" } }, /jobs\.test\.needs: expected a list of names/],
  "an empty name": [{ test: job("") }, /jobs\.test\.needs\[0\]/],
  "every mistake at once": [{ a: job("x"), b: job("b") }, /a\.needs\[0\](.|\n)*b\.needs\[0\]/],
};

for (const [what, [jobs, message, more]] of Object.entries(refused))
  test(`refused, with its place: ${what}`, () => {
    assert.throws(
      () => parse(jobs, more),
      (error: Error) => message.test(error.message),
    );
  });

const chain = parse({
  last: job("test", "lint"),
  test: job("build"),
  lint: job(),
  build: job(),
  alone: job(),
});

test("a job comes with all that it needs, each after its needs, and nothing else", () => {
  const names = (...wanted: readonly string[]) =>
    selectNeeds(chain, selectJobs(chain, null, wanted)).jobs.map(({ name }) => String(name));
  assert.equal(names("last"), ["build", "test", "lint", "last"]);
  assert.equal(names("alone"), ["alone"]);
  assert.equal(names("test", "last", "build"), ["build", "test", "lint", "last"]);
  assert.is(selectNeeds(chain, selectJobs(chain, null, [])).jobs.length, 5);
});

test("a target brings what its jobs need; what it does not list cannot be named in it", () => {
  const project = parse({ build: job(), test: job("build") }, { targets: { ci: { jobs: ["test"] } } });
  const { target, jobs } = selectNeeds(project, selectJobs(project, "ci", []));
  assert.equal([String(target?.name), jobs.map(({ name }) => String(name))], ["ci", ["build", "test"]]);
  assert.throws(() => selectJobs(project, "ci", ["build"]), /not in the target/);
});

test("only what another job needs is kept on the host", () => {
  const handing = Object.values(chain.jobs).filter(({ handsOn }) => handsOn === true);
  assert.equal(
    handing.map(({ name }) => String(name)),
    ["build", "lint", "test"],
  );
  assert.is(chain.jobs.alone?.needs, undefined);
});

test("a check may be needed; one that the flake lacks is told when the checks are known", () => {
  const project = parse({ test: job("check.lint") }, { checks: true });
  assert.is(wantsChecks(project, null, ["test"]), true);
  assert.is(wantsChecks(parse({ test: job() }, { checks: true }), null, ["test"]), false);
  const known = withCheckJobs(project, "x86_64-linux", ["lint"]);
  const names = (of: typeof project) =>
    selectNeeds(of, selectJobs(of, null, ["test"])).jobs.map(({ name }) => String(name));
  assert.equal(names(known), ["check.lint", "test"]);
  const other = withCheckJobs(project, "x86_64-linux", ["lnit"]);
  assert.throws(
    () => names(other),
    /jobs\.test\.needs\[0\]: unknown job "check\.lint" \(did you mean "check\.lnit"\?\)/,
  );
});

test("a name means all its instances, or one of them", () => {
  const build = { command: "true", matrix: { node: [20, 22] } };
  const project = parse({
    build,
    whole: job("build"),
    one: job("build (22)"),
    shards: { command: "true", shards: 2 },
    both: job("shards"),
  });
  const needs = (name: string) => (project.jobs[name]?.needs ?? []).map(String);
  assert.equal(needs("whole"), ["build (20)", "build (22)"]);
  assert.equal(needs("one"), ["build (22)"]);
  assert.equal(needs("both"), ["shards (1 of 2)", "shards (2 of 2)"]);
  assert.throws(
    () => parse({ build, test: job("build (21)") }),
    /unknown job "build \(21\)" \(did you mean "build \(2/,
  );
  assert.throws(
    () => parse({ build: { ...build, needs: ["build"] } }),
    /jobs\.build.*: a job cannot need itself/,
  );
  assert.throws(
    () => parse({ build: { ...build, needs: ["test"] }, test: job("build (20)") }),
    /build \(20\) needs test needs build \(20\)/,
  );
});

test("a stranger's job is refused for what a job that it needs asks for", () => {
  const project = { ...chain, refused: { build: ["jobs.build.network: not for a stranger"] } };
  assert.throws(() => selectNeeds(project, selectJobs(project, null, ["last"])), /jobs\.build\.network/);
  assert.is(selectNeeds(project, selectJobs(project, null, ["alone"])).jobs.length, 1);
});

test("names of jobs", () => {
  assert.is(jobsNamed(chain.jobs, "test").length, 1);
  assert.is(jobsNamed(chain.jobs, "constructor").length, 0);
  assert.is(withNeeds(chain.jobs, []).length, 0);
});

test("a graph of 2000 layers is no deep water", () => {
  const jobs = Object.fromEntries(
    Array.from({ length: 2000 }, (_, layer) => [`j${layer}`, job(...(layer === 0 ? [] : [`j${layer - 1}`]))]),
  );
  const project = parse(jobs);
  assert.is(selectNeeds(project, selectJobs(project, null, ["j1999"])).jobs.length, 2000);
});

test.run();
