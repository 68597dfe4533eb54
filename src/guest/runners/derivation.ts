import type { Backend } from "./backend.ts";

/** A build by the host's Nix, on any of its builders. */
export const derivation: Backend<"derivation"> = {
  name: "derivation",
  templates: ["flake", "launch", "derivation", "cover", "mounts", "services", "etc"],
  busybox: true,
  params: () => ({}),
};
