import type { Backend } from "./backend.ts";

/** A build of the host's Nix, on whichever of its builders. */
export const derivation: Backend<"derivation"> = {
  name: "derivation",
  templates: ["derivation"],
  busybox: true,
  params: () => ({}),
};
