/** Where a publication is when the fault comes, in order. */
export const STEPS = [
  "after-probe",
  "lock-wait",
  "staged",
  "half-sent",
  "before-commit",
  "before-mv",
  "after-mv",
] as const;
export type Step = (typeof STEPS)[number];

export const FAULTS = ["kill-client", "stop-client", "kill-shell", "cut", "full-disk", "read-only"] as const;
export type FaultName = (typeof FAULTS)[number];

/** `cold`: nothing to start from. `delta`: a base and its manifest. `fetch`: a base, and no memory of it. */
export const MODES = ["cold", "delta", "fetch"] as const;
export type Mode = (typeof MODES)[number];

export interface Case {
  readonly step: Step;
  readonly fault: FaultName;
  readonly mode: Mode;
}

/** Why a case is left out; null: it is run. */
export function leftOut({ step, mode }: Case): string | null {
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
      return ["before-commit", "before-mv", "after-mv"].includes(step) ? ["published", "disk"] : ["disk"];
    case "read-only":
      return step === "after-mv" ? ["published", "disk"] : ["disk"];
  }
}
