import type { Backend } from "./backend.ts";

/** bubblewrap: namespaces of the host's own kernel. */
export const sandbox: Backend<"sandbox"> = {
  name: "sandbox",
  templates: ["flake", "launch", "sandbox", "jail", "cover", "mounts", "services", "etc"],
  busybox: false,
  params: () => ({}),
};
