import type { Backend } from "./backend.ts";

/** A build of the host's Nix, on whichever of its builders. */
export const derivation: Backend<"derivation"> = {
  name: "derivation",
  templates: ["flake", "launch", "derivation", "cover", "mounts"],
  busybox: true,
  params: () => ({}),
};
