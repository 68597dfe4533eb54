import type { JobSpec } from "../core/job.ts";
import type { HostFacts } from "../remote/facts.ts";
import { needOf } from "../remote/requirements.ts";
import type { Questions } from "../remote/session.ts";
import { type RunnerFlake, renderRunner } from "./runner-flake.ts";
import { type Choice, candidates, chooseRunner } from "./runners/choose.ts";
import { hasSecrets } from "./secrets.ts";

/** A job before the probe, with the runner flakes that may serve it, the strongest first. */
interface UndecidedJob {
  readonly job: JobSpec;
  readonly flakes: readonly RunnerFlake[];
}

/** A job after the probe: its runner flake, which everything later goes by. */
export interface DecidedJob extends Choice {
  readonly job: JobSpec;
}

/** Renders what may serve each job; jobs of the same shape share a flake. ConfigError. */
export function withCandidates(jobs: readonly JobSpec[]): readonly UndecidedJob[] {
  const rendered = new Map<string, RunnerFlake>();
  return jobs.map((job) => {
    const flakes = candidates(job).map((shape) => {
      const flake = renderRunner(shape);
      const shared = rendered.get(flake.contentHash) ?? flake;
      rendered.set(shared.contentHash, shared);
      return shared;
    });
    return { job, flakes };
  });
}

/** What the probe has to ask for these jobs: what named runners need is required, what `auto` may take is looked at. */
export function runnerQuestions(
  jobs: readonly UndecidedJob[],
): Required<Pick<Questions, "runners" | "backends" | "networks" | "alternatives" | "secrets">> {
  const named = jobs.filter(({ job }) => job.shape.backend !== "auto");
  return {
    runners: distinct(jobs, ({ contentHash }) => contentHash),
    backends: distinct(named, ({ shape }) => needOf(shape)),
    networks: [...new Set(named.map(({ job }) => job.network))],
    alternatives: distinct(jobs, ({ shape }) => needOf(shape)),
    secrets: jobs.some(({ job }) => hasSecrets(job)),
  };
}

function distinct<T>(jobs: readonly UndecidedJob[], of: (flake: RunnerFlake) => T): T[] {
  return [...new Set(jobs.flatMap(({ flakes }) => flakes.map(of)))];
}

/** Decides each job's runner, once for the run. InfraError("host") when the host has none for a job, with what it lacks. */
export function decideRunners(
  jobs: readonly UndecidedJob[],
  facts: HostFacts,
  url: string,
): readonly DecidedJob[] {
  return jobs.map(({ job, flakes }) => ({ job, ...chooseRunner(job, flakes, facts, url) }));
}
