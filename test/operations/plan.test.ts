import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseConfig } from "../../src/config/load.ts";
import type { HostSpec } from "../../src/core/project.ts";
import { makePlan } from "../../src/operations/plan.ts";

const test = suite("plan");

const project = parseConfig(
  {
    hosts: { far: { url: "ssh://me@far:2222" } },
    jobs: {
      unit: {
        command: ["npm", "test"],
        timeout: "5m",
        prepare: { tools: "#tools", modules: { path: "node_modules" } },
      },
      lint: { command: "npm run lint", prepare: { linter: ".#tools", nested: "nix/ci#lint" } },
    },
  },
  "/w/demo",
  null,
);
const jobs = Object.values(project.jobs);

function hostNamed(name: string): HostSpec {
  const host = project.hosts[name];
  if (host === undefined) throw new Error(`no host ${name}`);
  return host;
}

test("shared prepared outputs are one node, and jobs need it", () => {
  const plan = makePlan({
    flakeFiles: [],
    projectId: project.id,
    target: null,
    host: hostNamed("local"),
    jobs,
    skipped: [],
  });
  assert.equal(
    plan.nodes.map((node) => [node.id, node.kind === "prepare" ? node.argv.at(-1) : node.needs]),
    [
      ["prepare installable .#tools", "path:SNAPSHOT#tools"],
      ["prepare installable nix/ci#lint", "path:SNAPSHOT/nix/ci#lint"],
      ["prepare path node_modules", "node_modules"],
      ["execute lint", ["prepare installable .#tools", "prepare installable nix/ci#lint"]],
      ["execute unit", ["prepare path node_modules", "prepare installable .#tools"]],
    ],
  );
});

test("the nodes name the real host, backend, command and timeout", () => {
  const host = hostNamed("far");
  const plan = makePlan({
    projectId: project.id,
    target: null,
    host,
    jobs: jobs.slice(1),
    skipped: [],
    flakeFiles: [],
  });
  assert.is(plan.host, "ssh://me@far:2222");
  const [path] = plan.nodes;
  assert.is(
    path?.kind === "prepare" ? path.argv.join(" ") : "",
    "nix store add-path --name node_modules -- node_modules",
  );
  assert.equal(plan.nodes[2], {
    kind: "execute",
    id: "execute unit",
    job: "unit",
    host: "ssh://me@far:2222",
    backend: "sandbox",
    command: { kind: "argv", argv: ["npm", "test"] },
    timeout_ms: 300_000,
    needs: ["prepare path node_modules", "prepare installable .#tools"],
  });
});

test("skipped jobs have no nodes", () => {
  const skipped = jobs.map(({ name }) => ({ job: name, reason: "r" }));
  const plan = makePlan({
    projectId: "p",
    target: null,
    host: hostNamed("local"),
    jobs: [],
    skipped,
    flakeFiles: [],
  });
  assert.equal(plan.nodes, []);
  assert.equal(plan.skipped, skipped);
});

test.run();
