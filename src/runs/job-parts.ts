import type { StorePath } from "../core/ids.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import type { KeyParts } from "../core/verdict.ts";
import type { DecidedJob } from "../guest/decide.ts";
import type { HostFacts } from "../remote/facts.ts";
import { hostParts } from "./host-view.ts";
import { cachePolicy, keyParts, machinePart, runnerPart } from "./key.ts";

/** What a job finds from elsewhere, by its names there: store paths, and digests of what its needs left. */
export interface JobInputs {
  readonly prepared: Readonly<Record<string, StorePath>>;
  readonly needs: Readonly<Record<string, string>>;
}

/** What a job's key is made of besides the host's facts. */
interface PartInputs extends JobInputs {
  readonly hashed: HashedSnapshot;
  readonly git: string;
}

/** The parts of a job's key on this host; null when its verdicts are not remembered. */
export function partsOf(
  { job, flake }: DecidedJob,
  { hashed, ...inputs }: PartInputs,
  facts: HostFacts,
): KeyParts | null {
  const host = cachePolicy(job) === "never" ? null : hostParts(flake.shape.backend, job.network, facts);
  if (host === null) return null;
  const runner = runnerPart(flake, facts.system);
  const machine = machinePart(flake.shape, facts.machine, job.network);
  return keyParts(job, hashed, { ...inputs, runner, machine, host });
}
