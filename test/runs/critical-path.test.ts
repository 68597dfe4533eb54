import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatJobTree } from "../../src/report/job-tree.ts";
import { formatCriticalPath, formatWaterfall } from "../../src/report/waterfall.ts";
import { criticalPath } from "../../src/runs/critical-path.ts";
import { columnsOf, planGraph } from "../../src/runs/plan-graph.ts";

const test = suite("critical path");

type Graph = Readonly<Record<string, readonly string[]>>;

function planOf(graph: Graph) {
  const nodes = Object.entries(graph).map(([job, needs]) => ({
    kind: "execute",
    id: `execute ${job}`,
    job,
    backend: "sandbox",
    needs: ["prepare path modules", ...needs.map((need) => `execute ${need}`)],
  }));
  const plan = planGraph({ nodes: [{ kind: "prepare", id: "prepare path modules" }, ...nodes] });
  if (plan === null) throw new Error("no plan");
  return plan;
}

const timed = (times: Readonly<Record<string, readonly [start: number, end: number | null]>>) => ({
  start: 0,
  end: 100,
  stages: [],
  connectedAt: null,
  host: null,
  jobs: Object.entries(times).map(([job, [start, end]]) => ({
    job,
    phases: [{ name: "running", start, end }],
  })),
});

const diamond: Graph = { a: [], b: ["a"], c: ["a"], d: ["b", "c"], e: [] };

const rows: Readonly<Record<string, readonly [times: Parameters<typeof timed>[0], path: readonly string[]]>> =
  {
    "by the need that ended last": [
      { a: [0, 10], b: [10, 20], c: [10, 30], d: [30, 40], e: [0, 35] },
      ["a", "c", "d"],
    ],
    "a job that needs nothing ended last": [
      { a: [0, 10], b: [10, 20], c: [10, 30], d: [30, 40], e: [0, 50] },
      ["e"],
    ],
    "of two that ended together, the first": [
      { a: [0, 10], b: [10, 20], c: [10, 20], d: [20, 40] },
      ["a", "b", "d"],
    ],
    "a need that was known did not decide": [{ c: [0, 30], d: [30, 40] }, ["c", "d"]],
    "what never ended lasts to the end": [{ a: [0, 10], b: [10, null], e: [0, 90] }, ["a", "b"]],
    "a job was skipped": [{ a: [0, 10], b: [10, 20], c: [10, 30] }, ["a", "c"]],
    "nothing ran": [{}, []],
  };

for (const [what, [times, path]] of Object.entries(rows))
  test(`the chain that decided the end: ${what}`, () => {
    assert.equal(criticalPath(timed(times), planOf(diamond)), path);
  });

test("there is none where no job needs another, and a graph that is none of ours ends", () => {
  assert.equal(criticalPath(timed({ a: [0, 1], b: [0, 2] }), planOf({ a: [], b: [] })), []);
  assert.equal(criticalPath(timed({ a: [0, 1], b: [0, 2] }), planOf({ a: ["b"], b: ["a"] })), ["a", "b"]);
});

test("it is marked in a timeline, and told in words without control characters", () => {
  assert.equal(formatWaterfall(timed({ a: [0, 100], e: [0, 20] }), 25, ["a"]), [
    "* a  ████████████  100 ms",
    "e    ██··········   20 ms",
  ]);
  assert.equal(formatCriticalPath(["a", "b\u001b[2J"]), ["* critical path: a → b"]);
  assert.equal(formatCriticalPath([]), []);
});

test("a plan's columns: each node behind what it needs", () => {
  const columns = (graph: Graph) =>
    columnsOf(planOf(graph)).map((column) => column.map(({ job }) => job ?? "-"));
  assert.equal(columns(diamond), [["-"], ["a", "e"], ["b", "c"], ["d"]]);
  assert.equal(columns({ a: [] }), [["-"], ["a"]]);
  assert.is(columns({ a: ["b"], b: ["a"] }).flat().length, 3, "a circle");
});

test("a tree of jobs: each once, below the last of its needs", () => {
  const tree = (graph: Graph) => formatJobTree(Object.entries(graph).map(([job, needs]) => ({ job, needs })));
  assert.equal(tree(diamond), ["a", "├── b", "└── c", "    └── d (also after b)", "e"]);
  assert.equal(tree({ a: [], b: ["a"], c: ["b"], d: ["a"] }), ["a", "├── b", "│   └── c", "└── d"]);
  assert.equal(tree({ a: [], b: [] }), []);
  assert.equal(tree({ b: ["of another plan"] }), []);
});

test.run();
