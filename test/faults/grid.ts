/** Where a publication is when the fault comes, in order. */
export const STEPS = [
  "after-probe",
  "lock-wait",
  "check",
  "staged",
  "half-sent",
  "before-commit",
  "before-mv",
  "after-mv",
] as const;
export type Step = (typeof STEPS)[number];

export const FAULTS = ["kill-client", "stop-client", "kill-shell", "cut", "full-disk", "read-only"] as const;
export type FaultName = (typeof FAULTS)[number];

/**
 * `cold`: nothing to start from. `delta`: a base and its manifest. `fetch`: a base, and no memory of it. `repair`: the
 * host has the snapshot, and is asked to look whether it is right.
 */
export const MODES = ["cold", "delta", "fetch", "repair"] as const;
export type Mode = (typeof MODES)[number];

export interface Case {
  readonly step: Step;
  readonly fault: FaultName;
  readonly mode: Mode;
}

/** Why a case is left out; null: it is run. */
export function leftOut({ step, mode }: Case): string | null {
  if (mode === "repair") return step === "check" ? null : "what is there is right, so nothing is uploaded";
  if (step === "check") return "the host has nothing to check";
  if (mode === "cold" || !["after-probe", "lock-wait"].includes(step)) return null;
  return "a base is not touched before the lock is held, so the cold case is the same";
}

/** How the publisher may end. `none`: it was killed. */
export type Ending = "none" | "published" | "host" | "network" | "disk";

/** What the publisher may say when the fault came at this step; anything else is bad. */
export function allowedEndings({ step, fault }: Case): readonly Ending[] {
  switch (fault) {
    case "kill-client":
    case "stop-client":
      return ["none"];
    case "kill-shell":
      return step === "after-probe" ? ["published", "host", "network"] : ["host", "network"];
    case "cut":
      return ["network"];
    case "full-disk":
      return ["check", "before-commit", "before-mv", "after-mv"].includes(step)
        ? ["published", "disk"]
        : ["disk"];
    case "read-only":
      return ["check", "after-mv"].includes(step) ? ["published", "disk"] : ["disk"];
  }
}
