import type { JobSpec } from "../core/job.ts";
import type { Problem } from "./host-problem.ts";
import type { MachineFacts, MachineKernel } from "./machine.ts";

/** The parts of a host that one virtual machine is made of. */
export interface MachineParts {
  readonly qemu: string;
  readonly kernel: string;
  readonly kernelVersion: string;
  /** Files, in the order in which they are loaded. */
  readonly modules: readonly string[];
  readonly transport: "virtiofs" | "9p";
  readonly virtiofsd: string | null;
  readonly accel: "kvm" | "tcg";
  /** Null without a network. */
  readonly passt: string | null;
}

type MachineChoice =
  | { readonly ok: true; readonly parts: MachineParts }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const core = ["virtio_ring", "virtio", "virtio_pci", "virtio_console", "overlay"];
const transports = {
  virtiofs: ["fuse", "virtiofs"],
  "9p": ["9pnet", "9pnet_virtio", "9p"],
} as const;
const networkModules = ["virtio_net"];

/** All that may be loaded; older kernels lack some of these and need none of them then. */
const order = [
  "virtio_ring",
  "virtio",
  "virtio_pci_legacy_dev",
  "virtio_pci_modern_dev",
  "virtio_pci",
  "virtio_console",
  "netfs",
  "fscache",
  "9pnet",
  "9pnet_virtio",
  "9p",
  "fuse",
  "virtiofs",
  "overlay",
  "failover",
  "net_failover",
  "virtio_net",
];
const helpers: Readonly<Record<string, readonly string[]>> = {
  virtio_pci: ["virtio_pci_legacy_dev", "virtio_pci_modern_dev"],
  "9p": ["netfs", "fscache"],
  virtio_net: ["failover", "net_failover"],
};

/** What a job asks for; a machine has none but its own, `user`. */
type Network = JobSpec["network"];

/** What a machine is made of on a host: virtiofs before 9p, the running kernel before newer ones, KVM where it works. */
export function chooseParts(facts: MachineFacts, network: Network): MachineChoice {
  const found = kernelsInOrder(facts).flatMap((kernel) => {
    const transport = transportOf(kernel, facts, network);
    return transport === null ? [] : [{ kernel, transport }];
  })[0];
  const { qemu, passt } = facts;
  const problems = [
    ...programProblems(facts, network),
    ...(found === undefined ? [kernelProblem(facts, network)] : []),
  ];
  if (problems.length > 0 || qemu === null || found === undefined) return { ok: false, problems };
  const { kernel, transport } = found;
  return {
    ok: true,
    parts: {
      qemu,
      transport,
      kernel: kernel.image ?? "",
      kernelVersion: kernel.version,
      accel: facts.kvm ? "kvm" : "tcg",
      modules: moduleFiles(kernel, needed(transport, network)),
      virtiofsd: transport === "virtiofs" ? facts.virtiofsd : null,
      passt: network === "user" ? passt : null,
    },
  };
}

function needed(transport: keyof typeof transports, network: Network): string[] {
  return [...core, ...transports[transport], ...modulesOf(network)];
}

function modulesOf(network: Network): readonly string[] {
  return network === "user" ? networkModules : [];
}

function transportOf(
  kernel: MachineKernel,
  facts: MachineFacts,
  network: Network,
): keyof typeof transports | null {
  if (kernel.image === null || !kernel.readable) return null;
  const has = (transport: keyof typeof transports) =>
    needed(transport, network).every((name) => Object.hasOwn(kernel.modules, name));
  if (facts.virtiofsd !== null && has("virtiofs")) return "virtiofs";
  return has("9p") ? "9p" : null;
}

function moduleFiles({ modules }: MachineKernel, names: readonly string[]): string[] {
  const wanted = new Set([...names, ...names.flatMap((name) => helpers[name] ?? [])]);
  return order
    .filter((name) => wanted.has(name))
    .flatMap((name) => modules[name] ?? [])
    .filter((file) => file !== "built-in");
}

function kernelsInOrder({ kernels, release }: MachineFacts): MachineKernel[] {
  const byVersion = new Intl.Collator("en", { numeric: true });
  return [...kernels].sort(
    (a, b) =>
      Number(b.version === release) - Number(a.version === release) ||
      byVersion.compare(b.version, a.version),
  );
}

function programProblems(facts: MachineFacts, network: Network): Problem[] {
  const wanted = [
    ["qemu", "QEMU", "qemu-system-x86", "qemu"],
    ["bwrap", "bubblewrap", "bubblewrap", "bubblewrap"],
    ["busybox", "a static busybox", "busybox-static", "pkgsStatic.busybox"],
    ...(network === "user" ? ([["passt", "passt", "passt", "passt"]] as const) : []),
  ] as const;
  return wanted.flatMap(([key, what, debian, nixos]) =>
    facts[key] === null
      ? [
          {
            what: `${what} is missing, which a virtual machine needs`,
            fix: `Debian \`apt-get install ${debian}\`, NixOS \`environment.systemPackages = [ pkgs.${nixos} ]\``,
          },
        ]
      : [],
  );
}

/** Of what the newest kernel lacks. */
function kernelProblem(facts: MachineFacts, network: Network): Problem {
  const [kernel] = kernelsInOrder(facts);
  if (kernel === undefined || kernel.image === null)
    return {
      what: "no kernel with its modules is installed that a virtual machine could boot",
      fix: "Debian `apt-get install --no-install-recommends linux-image-cloud-amd64`",
    };
  if (!kernel.readable)
    return {
      what: `the kernel ${kernel.image} cannot be read by this account`,
      fix: `\`chmod a+r ${kernel.image}\` there (Ubuntu hides it; \`dpkg-statoverride\` keeps the change)`,
    };
  const lacks = (names: readonly string[]) => names.filter((name) => !Object.hasOwn(kernel.modules, name));
  const missing = lacks([...core, ...modulesOf(network)]);
  if (missing.length > 0)
    return {
      what: `the kernel ${kernel.version} has no ${missing.join(", ")}, which a virtual machine needs`,
      fix: "Debian `apt-get install linux-image-amd64`",
    };
  return lacks(transports.virtiofs).length === 0
    ? {
        what: `nothing can show files to a machine: the kernel ${kernel.version} has virtiofs, but virtiofsd 1.5 or later is missing`,
        fix: "Debian 13 `apt-get install virtiofsd`; Debian 12 `apt-get install linux-image-amd64`, whose kernel has 9p",
      }
    : {
        what: `nothing can show files to a machine: the kernel ${kernel.version} has neither virtiofs nor 9p`,
        fix: "Debian `apt-get install linux-image-amd64`",
      };
}
