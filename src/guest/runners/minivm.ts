import type { Backend } from "./backend.ts";

/** A virtual machine of the host's QEMU and kernel; the sandbox runs inside it. */
export const minivm: Backend<"minivm"> = {
  name: "minivm",
  templates: ["flake", "launch", "minivm", "machine", "jail", "cover", "mounts", "services", "etc"],
  busybox: true,
  params: ({ vcpu, memoryMiB }) => ({ vcpu, memory_mib: memoryMiB }),
};
