import type { Backend } from "./backend.ts";

/** bubblewrap: namespaces of the host's own kernel. */
export const sandbox: Backend = {
  name: "sandbox",
  template: "sandbox",
  params: () => ({}),
};
