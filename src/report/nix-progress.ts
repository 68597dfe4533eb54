import type { NixProgress } from "../nix-log.ts";
import { sanitise } from "./sanitise.ts";

/** `1 of 3 built (gcc, perl), 5 of 10 copied`; empty before anything is known. */
export function formatNixProgress({ built, toBuild, building, copied, toCopy }: NixProgress): string {
  const names = building.length === 0 ? "" : ` (${building.map(sanitise).join(", ")})`;
  const builds = toBuild === 0 && names === "" ? [] : [`${built} of ${toBuild} built${names}`];
  const copies = toCopy === 0 ? [] : [`${copied} of ${toCopy} copied`];
  return [...builds, ...copies].join(", ");
}
