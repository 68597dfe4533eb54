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

/** A job after the probe, with the runner flake that all later stages use. */
export interface DecidedJob extends Choice {
  readonly job: JobSpec;
}

/** Renders the runner flakes that may serve each job; jobs of the same shape share one. ConfigError. */
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

/** What the probe has to ask for these jobs: needs of named runners are required, those of `auto`'s candidates are not. */
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

/** Decides each job's runner, once per run. InfraError("host") when none works for a job, with what the host lacks. */
export function decideRunners(
  jobs: readonly UndecidedJob[],
  facts: HostFacts,
  url: string,
): readonly DecidedJob[] {
  return jobs.map(({ job, flakes }) => ({ job, ...chooseRunner(job, flakes, facts, url) }));
}
