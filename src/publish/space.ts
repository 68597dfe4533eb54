import { InfraError } from "../core/errors.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import type { HostFacts } from "../remote/facts.ts";
import type { ManifestEntry } from "../tree/manifest/manifest.ts";
import type { Base } from "./base.ts";
import { contentToSend } from "./difference.ts";

/** What something needs on the disk of a host's work dir. */
export interface SpaceNeed {
  readonly what: string;
  readonly bytes: number;
  readonly inodes: number;
}

/** For logs, records and what is staged, of a run and of each of its jobs. */
const RUN: Omit<SpaceNeed, "what"> = { bytes: 2 ** 20, inodes: 100 };
const JOB: Omit<SpaceNeed, "what"> = { bytes: 2 ** 19, inodes: 50 };

/** Files whose content a host needs room for; none when the base's manifest is not known yet. */
export function neededFiles(
  facts: Pick<HostFacts, "snapshot">,
  hashed: HashedSnapshot,
  base: Base | null,
): readonly ManifestEntry[] {
  if (isUnknown(facts, base)) return [];
  return base === null || base.difference === null ? hashed.entries : contentToSend(base.difference);
}

/** The space for what has to be sent of a tree, without `holeBytes` of its files; nothing when that is not known yet. */
export function treeNeed(
  facts: Pick<HostFacts, "snapshot">,
  hashed: HashedSnapshot,
  base: Base | null,
  holeBytes: number,
): SpaceNeed {
  const what = "the snapshot";
  if (isUnknown(facts, base)) return { what, bytes: 0, inodes: 0 };
  return {
    what,
    bytes: (base?.difference?.bytes ?? hashed.byteCount) - holeBytes,
    inodes: base?.difference?.added.length ?? hashed.entries.length,
  };
}

function isUnknown({ snapshot }: Pick<HostFacts, "snapshot">, base: Base | null): boolean {
  return snapshot?.state === "have" || (base !== null && base.difference === null);
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
