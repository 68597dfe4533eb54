import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type JobName, parseJobName } from "../../../src/core/ids.ts";
import type { Status } from "../../../src/core/job-result.ts";
import { keptVerdicts } from "../../../src/operations/graph/kept.ts";
import { nextTurn, urgencies } from "../../../src/operations/graph/schedule.ts";
import { needsOf, type Standing } from "../../../src/operations/graph/standing.ts";

const test = suite("graph of jobs");

type Graph = Readonly<Record<string, readonly string[]>>;

const names = (list: readonly string[]) => list.map(parseJobName);
const jobsOf = (graph: Graph) =>
  Object.entries(graph).map(([name, needs]) => ({ name: parseJobName(name), needs: names(needs) }));

/** a → b → d, a → c → d, and e alone. */
const diamond: Graph = { a: [], b: ["a"], c: ["a"], d: ["b", "c"], e: [] };

interface Row {
  readonly ended?: Readonly<Record<string, Status>>;
  readonly begun?: readonly string[];
  readonly free?: number;
  readonly durations?: Readonly<Record<string, number>>;
  readonly begin: readonly string[];
  readonly skip?: readonly string[];
}

const turns: Readonly<Record<string, Row>> = {
  "what needs nothing begins, the longest path first": { begin: ["a", "e"] },
  "no more than may run": { free: 1, begin: ["a"] },
  "none when all places are taken": { free: 0, begin: [] },
  "a job that takes as long as the whole path": {
    durations: { e: 9, a: 1, b: 1, c: 1, d: 1 },
    begin: ["e", "a"],
  },
  "what needs a job that passed": { ended: { a: "passed", e: "passed" }, begin: ["b", "c"] },
  "of two, the one that took longer": {
    ended: { a: "cached", e: "passed" },
    durations: { b: 10, c: 20 },
    begin: ["c", "b"],
  },
  "a flaky need has passed": { ended: { a: "flaky", e: "passed" }, begin: ["b", "c"] },
  "not before every need has passed": { ended: { a: "passed", b: "passed" }, begun: ["c", "e"], begin: [] },
  "nothing twice": { begun: ["a", "e"], begin: [] },
  "a failed need skips all that wait for it": {
    ended: { a: "failed", e: "passed" },
    begin: [],
    skip: [
      "b: needs a, which failed",
      "c: needs a, which failed",
      "d: needs b, which was skipped; and c, which was skipped",
    ],
  },
  "one branch fails, the other goes on": {
    ended: { a: "passed", b: "timeout", e: "passed" },
    begin: ["c"],
    skip: ["d: needs b, which timed out"],
  },
  "a need without a verdict": {
    ended: { a: "passed", b: "infra", c: "cancelled", e: "passed" },
    begin: [],
    skip: ["d: needs b, which has no verdict (infra); and c, which was cancelled"],
  },
  "nothing is left": {
    ended: { a: "passed", b: "passed", c: "passed", d: "passed", e: "passed" },
    begin: [],
  },
};

for (const [what, { ended = {}, begun = [], free = 9, durations = {}, begin, skip = [] }] of Object.entries(
  turns,
))
  test(`a turn: ${what}`, () => {
    const jobs = jobsOf(diamond);
    const standings = new Map(
      Object.entries(ended).map(
        ([name, status]) => [parseJobName(name), { status, artifacts: null }] as const,
      ),
    );
    const urgency = urgencies(jobs, new Map(Object.entries(durations)));
    const turn = nextTurn(jobs, { standings, begun: new Set(names(begun)), free, urgency });
    assert.equal(turn.begin, begin);
    assert.equal(
      turn.skip.map(({ job, reason }) => `${job}: ${reason}`),
      skip,
    );
  });

test("without times a path is as long as its layers, and an unknown time is the mean of the known", () => {
  const lengths = (durations: Readonly<Record<string, number>>) =>
    Object.fromEntries([...urgencies(jobsOf(diamond), new Map(Object.entries(durations)))].sort());
  assert.equal(lengths({}), { a: 3, b: 2, c: 2, d: 1, e: 1 });
  assert.equal(lengths({ b: 10, c: 30 }), { a: 70, b: 30, c: 50, d: 20, e: 20 });
});

test("a run takes its turns to an end, whatever the graph and the verdicts", () => {
  const verdicts: readonly Status[] = ["passed", "failed", "cached", "infra"];
  for (let seed = 1; seed < 200; seed++) {
    let state = seed;
    const random = (below: number) => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return (state >> 8) % below;
    };
    const graph: Record<string, string[]> = {};
    for (let index = 0; index < 12; index++)
      graph[`j${index}`] = Object.keys(graph).filter(() => random(4) === 0);
    const jobs = jobsOf(graph);
    const standings = new Map<JobName, { status: Status; artifacts: null }>();
    const urgency = urgencies(jobs, new Map());
    for (let rounds = 0; standings.size < 12; rounds++) {
      assert.ok(rounds <= 12, `seed ${seed} does not end`);
      const turn = nextTurn(jobs, { standings, begun: new Set(standings.keys()), free: 2, urgency });
      for (const { job } of turn.skip) standings.set(job, { status: "skipped", artifacts: null });
      for (const name of turn.begin) {
        const needs = graph[name] ?? [];
        assert.ok(
          needs.every((need) =>
            ["passed", "cached"].includes(standings.get(parseJobName(need))?.status ?? ""),
          ),
          `seed ${seed}: ${name} began too early`,
        );
        standings.set(name, { status: verdicts[random(4)] ?? "passed", artifacts: null });
      }
    }
  }
});

const kept: Readonly<
  Record<string, { known: readonly string[]; gone?: readonly string[]; stay: readonly string[] }>
> = {
  "all are known: nothing has to be on the host": {
    known: ["a", "b", "c", "d", "e"],
    gone: ["a", "b", "c", "d", "e"],
    stay: ["a", "b", "c", "d", "e"],
  },
  "none is known": { known: [], stay: [] },
  "what a running job needs is there": { known: ["a", "b", "c", "e"], stay: ["a", "b", "c", "e"] },
  "what a running job needs is gone: that runs, too": {
    known: ["a", "b", "c", "e"],
    gone: ["b"],
    stay: ["a", "c", "e"],
  },
  "… and what that needs, and all that waits for it": {
    known: ["a", "b", "c", "e"],
    gone: ["a", "b", "c"],
    stay: ["e"],
  },
  "a need that is not known leaves nothing to be known": { known: ["b", "c", "d", "e"], stay: ["e"] },
  "what is gone and no running job needs": {
    known: ["a", "b", "c", "d"],
    gone: ["e"],
    stay: ["a", "b", "c", "d"],
  },
};

for (const [what, { known, gone = [], stay }] of Object.entries(kept))
  test(`verdicts that stand: ${what}`, () => {
    const jobs = jobsOf(diamond).map((job) => ({
      ...job,
      known: known.includes(job.name),
      onHost: !gone.includes(job.name),
    }));
    assert.equal([...keptVerdicts(jobs)].sort(), stay);
  });

test("digests of needs: all or none; a check leaves nothing", () => {
  const passed = { status: "passed", artifacts: "d" } as const;
  const standings = (more: Readonly<Record<string, Standing>>) =>
    new Map(Object.entries<Standing>({ a: passed, ...more }).map(([name, one]) => [parseJobName(name), one]));
  const needs = names(["a", "check.x"]);
  const nothing = { status: "passed", artifacts: null } as const;
  assert.equal(needsOf({ needs }, standings({ "check.x": nothing })), { a: "d" });
  assert.is(needsOf({ needs }, standings({})), null);
  assert.is(needsOf({ needs }, standings({ "check.x": { ...nothing, status: "failed" } })), null);
  assert.is(needsOf({ needs: names(["a"]) }, standings({ a: nothing })), null, "not known what it left");
  assert.equal(needsOf({}, standings({})), {});
});

test.run();
