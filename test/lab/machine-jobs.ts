import type { Expected } from "./job-contract.ts";

/** What a virtual machine adds to the contract: its own memory, devices and network. */
export function machineJobs(
  greeter: { readonly address: string; readonly port: number },
  backend: "minivm" | "microvm" = "minivm",
) {
  const reach = (address: string, port: number) =>
    `timeout 10 bash -c 'exec 3<>/dev/tcp/${address}/${port} && head -n 1 <&3'`;
  const small = { runner: { backend, vcpu: 1, memory: "192MiB" } };
  return {
    "out-of-memory": {
      command: "echo kept >/artifacts/kept; exec tail /dev/zero",
      more: small,
      result: { status: "failed", exit_code: 137, signal: "KILL" },
      message: /out of memory.*`memory`/,
      artifacts: ["kept"],
    },
    "memory-limit": {
      command: "exec tail /dev/zero",
      more: { limits: { memory: "48MiB" } },
      result: { status: "failed", exit_code: 137, signal: "KILL" },
      message: /out of memory: the job passed its memory limit of 48 MiB$/,
    },
    "process-limit": {
      command:
        "bomb() { bomb | bomb & bomb; }; (bomb) 2>/artifacts/said; grep -qi 'cannot fork' /artifacts/said",
      more: { limits: { processes: 50 } },
      result: { status: "passed" },
    },
    powerless: {
      command: `id -u; echo c >/proc/sysrq-trigger; echo x >/proc/sys/kernel/core_pattern
        mknod /tmp/port c 10 1 && exit 9; mount -t tmpfs x /tmp && exit 9; mount -t devtmpfs x /tmp && exit 9
        unshare -Ur --pid --fork --mount-proc true && exit 9; ls /sys /dev/vport0p1 /dev/ttyS0 && exit 9
        chown 5 /artifacts 2>/dev/null; grep -q '^CapEff:.[0-9a-f]*4fb$' /proc/self/status`,
      more: { user: "root" },
      result: { status: "passed" },
    },
    "own-kernel": {
      command:
        '[ "$(nproc)" = 1 ] && read -r cmdline </proc/cmdline && [ "${cmdline#*panic=-1}" != "$cmdline" ]',
      more: small,
      result: { status: "passed" },
    },
    network: {
      command: `${reach(greeter.address, greeter.port)} || exit 9; for port in 22 7777; do
        ${reach("10.0.2.2", 22).replace("/22 ", "/$port ")} && exit 8; ${reach("127.0.0.1", 22)} && exit 7; done; exit 0`,
      more: { network: "user" },
      result: { status: "passed" },
      log: /^greeted\n/,
    },
  } satisfies Readonly<Record<string, Expected>>;
}
