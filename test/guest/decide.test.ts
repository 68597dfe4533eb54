import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseJobName } from "../../src/core/ids.ts";
import type { JobSpec } from "../../src/core/job.ts";
import { runnerQuestions, withCandidates } from "../../src/guest/decide.ts";
import { renderRunner } from "../../src/guest/runner-flake.ts";

const job = (name: string, changes: Partial<JobSpec> = {}): JobSpec => ({
  name: parseJobName(name),
  description: "",
  command: { kind: "shell", text: "true" },
  env: {},
  cwd: ".",
  user: "user",
  workspace: "read-only",
  network: "none",
  prepare: {},
  timeoutMs: 1000,
  shape: { backend: "sandbox" },
  ...changes,
});
const auto = { backend: "auto", vcpu: 1, memoryMiB: 512 } as const;

test("jobs of one shape share one flake", () => {
  const [a, b, c] = withCandidates([
    job("a", { shape: auto }),
    job("b", { shape: auto }),
    job("c", { shape: { ...auto, vcpu: 2 } }),
  ]);
  assert.is(a?.flakes.length, 3);
  for (const [index, flake] of (a?.flakes ?? []).entries()) assert.is(flake, b?.flakes[index]);
  assert.is.not(a?.flakes[0]?.contentHash, c?.flakes[0]?.contentHash);
  assert.is(a?.flakes[2], c?.flakes[2], "the sandbox has no size");
});

test("what named runners need is required, what `auto` may take is looked at", () => {
  const asked = runnerQuestions(
    withCandidates([job("a", { shape: auto, network: "user" }), job("b", { network: "host" }), job("c")]),
  );
  assert.equal(asked.backends, ["sandbox"]);
  assert.equal(asked.networks, ["host", "none"]);
  assert.equal(asked.alternatives, ["minivm", "microvm", "sandbox"]);
  assert.is(asked.runners.length, 3);
  assert.ok(asked.runners.includes(renderRunner({ backend: "sandbox" }).contentHash));
});

test.run();
