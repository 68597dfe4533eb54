import type { NixProgress } from "../nix/log.ts";
import { formatBytes } from "./format.ts";
import { sanitise } from "./sanitise.ts";

/** `1 of 3 built (gcc, perl), 5 of 10 copied, 1.2 MB of 4 MB`; empty before anything is known. */
export function formatNixProgress(progress: NixProgress): string {
  const { built, toBuild, building, copied, toCopy, copiedBytes = 0, toCopyBytes = 0 } = progress;
  const names = building.length === 0 ? "" : ` (${building.map(sanitise).join(", ")})`;
  const builds = toBuild === 0 && names === "" ? [] : [`${built} of ${toBuild} built${names}`];
  const copies = toCopy === 0 ? [] : [`${copied} of ${toCopy} copied`];
  const bytes = toCopyBytes === 0 ? [] : [`${formatBytes(copiedBytes)} of ${formatBytes(toCopyBytes)}`];
  return [...builds, ...copies, ...bytes].join(", ");
}
