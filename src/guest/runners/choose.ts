import { InfraError } from "../../core/errors.ts";
import type { JobSpec } from "../../core/job.ts";
import type { MachineShape, WantedShape } from "../../core/machine-shape.ts";
import type { HostFacts } from "../../remote/facts.ts";
import { KVM_MACHINE, missingOnHost, type Problem, requirementsError } from "../../remote/requirements.ts";
import { renderRunner } from "../runner-flake.ts";

/** For hosts that have the parts of no machine of their own. */
const NIXOS = { backend: "microvm", hypervisor: "qemu", modules: [] } as const;

type Wish = Pick<JobSpec, "name" | "shape" | "network" | "caches">;

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

export interface Choice {
  readonly shape: MachineShape;
  /** Why each stronger backend was not taken. */
  readonly passedOver: readonly { readonly backend: string; readonly why: string; readonly fix: string }[];
}

/** The strongest shape that works on a host. InfraError("host") when none does, with what each lacks. */
export function chooseShape(wish: Wish, facts: HostFacts, url: string): Choice {
  const passedOver: Choice["passedOver"][number][] = [];
  const possible = candidates(wish);
  for (const shape of possible) {
    const problems = lacks(shape, wish, facts);
    if (problems.length === 0 || isNamed(wish.shape)) return { shape, passedOver };
    passedOver.push({
      backend: shape.backend,
      why: problems.map(({ what }) => what).join("; "),
      fix: [...new Set(problems.map(({ fix }) => fix))].join("; "),
    });
  }
  const problems = possible.flatMap((shape) => lacks(shape, wish, facts));
  throw (
    requirementsError(url, problems) ??
    new InfraError("host", `${url} has no runner for the job ${wish.name}`)
  );
}

/** What was not named has to be quick: NixOS without KVM is not, and building it may take gigabytes and hours. */
function lacks(shape: MachineShape, { network }: Wish, facts: HostFacts): Problem[] {
  if (shape.backend !== "microvm") return missingOnHost(facts, [shape.backend], [network]);
  const ready = facts.runners.get(renderRunner(shape).contentHash)?.state === "ready";
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
  for (const [job, { shape, passedOver }] of choices)
    for (const { backend, why, fix } of passedOver) {
      const key = `${backend} ${shape.backend} ${why}`;
      const jobs = notes.get(key)?.message.split(" in ")[0];
      const message = `${jobs === undefined ? job : `${jobs}, ${job}`} in ${shape.backend}, not in ${backend}: ${why}`;
      notes.set(key, { message, hint: fix });
    }
  return [...notes.values()];
}
