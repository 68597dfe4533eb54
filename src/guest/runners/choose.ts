import { InfraError } from "../../core/errors.ts";
import type { JobSpec } from "../../core/job.ts";
import type { MachineShape, WantedShape } from "../../core/machine-shape.ts";
import type { HostFacts } from "../../remote/facts.ts";
import { KVM_MACHINE, missingOnHost, type Problem, requirementsError } from "../../remote/requirements.ts";
import type { RunnerFlake } from "../runner-flake.ts";

/** For hosts that lack the parts of a virtual machine. */
const NIXOS = { backend: "microvm", hypervisor: "qemu", modules: [] } as const;

/** What a job says of its runner. */
export type Wish = Pick<JobSpec, "name" | "shape" | "network" | "caches">;

/** The shapes that may serve a job, the strongest first; one, when it names it. */
export function candidates({ shape, network, caches = [] }: Omit<Wish, "name">): readonly MachineShape[] {
  if (shape.backend !== "auto") return [shape];
  const { vcpu, memoryMiB, project = null } = shape;
  const machine: MachineShape = { backend: "minivm", vcpu, memoryMiB };
  const nixos: MachineShape = { ...NIXOS, vcpu, memoryMiB, project };
  const sandbox: MachineShape = { backend: "sandbox" };
  // A machine of microvm.nix has no directory of the host that it can write but the artifacts.
  const machines = caches.length === 0 ? [machine, nixos] : [machine];
  if (network === "none") return [...machines, sandbox];
  return network === "user" ? machines : [sandbox];
}

/** A stronger backend that was not taken, why, and what would change that. */
interface PassedOver {
  readonly backend: string;
  readonly why: string;
  readonly fix: string;
}

export interface Choice {
  readonly flake: RunnerFlake;
  readonly passedOver: readonly PassedOver[];
}

/**
 * The strongest runner that works on a host, of the flakes of a job's `candidates` in their order. InfraError("host") when
 * none does, with what each lacks.
 */
export function chooseRunner(
  wish: Wish,
  flakes: readonly RunnerFlake[],
  facts: HostFacts,
  url: string,
): Choice {
  const passedOver: PassedOver[] = [];
  for (const flake of flakes) {
    const problems = lacks(flake, wish, facts);
    if (problems.length === 0 || isNamed(wish.shape)) return { flake, passedOver };
    passedOver.push({
      backend: flake.shape.backend,
      why: problems.map(({ what }) => what).join("; "),
      fix: [...new Set(problems.map(({ fix }) => fix))].join("; "),
    });
  }
  const problems = flakes.flatMap((flake) => lacks(flake, wish, facts));
  throw (
    requirementsError(url, problems) ??
    new InfraError("host", `${url} has no runner for the job ${wish.name}`)
  );
}

/** What a host lacks for a candidate. NixOS also needs KVM, and a runner that is built already: that may take hours and gigabytes. */
function lacks({ shape, contentHash }: RunnerFlake, { network }: Wish, facts: HostFacts): Problem[] {
  if (shape.backend !== "microvm") return missingOnHost(facts, [shape.backend], [network]);
  const ready = facts.runners.get(contentHash)?.state === "ready";
  return [...missingOnHost(facts, [KVM_MACHINE], [network]), ...(ready ? [] : [UNBUILT])];
}

const UNBUILT: Problem = {
  what: "it has not been built there yet",
  fix: 'a job with the runner "microvm" and the same size builds it',
};

/** Its host was refused already, if it lacks anything for that. */
function isNamed({ backend }: WantedShape): boolean {
  return backend !== "auto";
}

/** One sentence a reason, however many jobs it holds for; its hint is the fix. */
export function passedOverNotes(
  choices: ReadonlyMap<string, Choice>,
): readonly { readonly message: string; readonly hint: string }[] {
  const notes = new Map<string, { message: string; hint: string }>();
  for (const [job, { flake, passedOver }] of choices)
    for (const { backend, why, fix } of passedOver) {
      const taken = flake.shape.backend;
      const key = `${backend} ${taken} ${why}`;
      const jobs = notes.get(key)?.message.split(" in ")[0];
      const message = `${jobs === undefined ? job : `${jobs}, ${job}`} in ${taken}, not in ${backend}: ${why}`;
      notes.set(key, { message, hint: fix });
    }
  return [...notes.values()];
}
