import { InfraError } from "../core/errors.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import type { HostFacts } from "../remote/facts.ts";
import type { Base } from "./base.ts";

/** What something needs on the disk of a host's work dir. */
export interface SpaceNeed {
  readonly what: string;
  readonly bytes: number;
  readonly inodes: number;
}

/** For logs, records and what is staged, of a run and of each of its jobs. */
const RUN: Omit<SpaceNeed, "what"> = { bytes: 2 ** 20, inodes: 100 };
const JOB: Omit<SpaceNeed, "what"> = { bytes: 2 ** 19, inodes: 50 };

/** The space for what has to be sent of a tree; nothing when the base's manifest is not known yet. */
export function treeNeed(facts: HostFacts, hashed: HashedSnapshot, base: Base | null): SpaceNeed {
  const what = "the snapshot";
  if (facts.snapshot?.state === "have" || (base !== null && base.difference === null))
    return { what, bytes: 0, inodes: 0 };
  return {
    what,
    bytes: base?.difference?.bytes ?? hashed.byteCount,
    inodes: base?.difference?.added.length ?? hashed.entries.length,
  };
}

/** The least space that jobs need, whatever they do. */
export function jobsNeed(count: number): SpaceNeed {
  const what = count === 1 ? "the logs and records of a job" : `the logs and records of ${count} jobs`;
  return { what, bytes: RUN.bytes + count * JOB.bytes, inodes: RUN.inodes + count * JOB.inodes };
}

/** Throws InfraError("disk") with the numbers when they do not all fit; pure. */
export function checkSpace(
  { freeBytes, freeInodes, workDir }: Pick<HostFacts, "freeBytes" | "freeInodes" | "workDir">,
  needs: readonly SpaceNeed[],
): void {
  const some = needs.filter(({ bytes, inodes }) => bytes > 0 || inodes > 0);
  const lacking = (["bytes", "inodes"] as const).find((unit) => {
    const free = unit === "bytes" ? freeBytes : freeInodes;
    const needed = some.reduce((sum, need) => sum + need[unit], 0);
    return needed > 0 && free !== null && needed >= free;
  });
  if (lacking === undefined) return;
  const what = some.map((need) => need.what).join(" and ");
  const numbers = some.map((need) => need[lacking]).join(" + ");
  const free = lacking === "bytes" ? freeBytes : freeInodes;
  throw new InfraError(
    "disk",
    `the disk of ${workDir} is too full for ${what}: it needs ${numbers} ${lacking}, has ${free}`,
    {
      hint: "free space on the host, or give it another `workDir` in the configuration; `pikaci gc --dry-run` shows what could go",
    },
  );
}
