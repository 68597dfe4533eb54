/** A kernel of the host that a machine could boot. */
export interface MachineKernel {
  readonly version: string;
  /** Null when it lies nowhere. */
  readonly image: string | null;
  readonly readable: boolean;
  /** By name: the module's file, or `built-in`. */
  readonly modules: Readonly<Record<string, string>>;
}

/** What the probe found for virtual machines; null: not there. */
export interface MachineFacts {
  readonly qemu: string | null;
  /** As it calls itself. */
  readonly qemuVersion?: string | null;
  readonly bwrap: string | null;
  /** One that can serve read-only and knows submounts. */
  readonly virtiofsd: string | null;
  readonly passt: string | null;
  readonly busybox: string | null;
  readonly kvm: boolean;
  /** Of the running kernel. */
  readonly release: string;
  readonly kernels: readonly MachineKernel[];
}

/** Null when nothing was asked about machines. */
export function parseMachineFacts(pairs: readonly (readonly [string, string])[]): MachineFacts | null {
  const values = new Map(pairs);
  const release = values.get("machine_release");
  if (release === undefined) return null;
  const get = (name: string) => values.get(`machine_${name}`) ?? null;
  return {
    qemuVersion: get("qemu_version"),
    qemu: get("qemu"),
    bwrap: get("bwrap"),
    virtiofsd: get("virtiofsd"),
    passt: get("passt"),
    busybox: get("busybox"),
    kvm: get("kvm") !== null,
    release,
    kernels: pairs.filter(([name]) => name === "machine_kernel").map(([, text]) => parseKernel(text)),
  };
}

function parseKernel(text: string): MachineKernel {
  const [version = "", image = "none", readable, ...modules] = text.split(" ");
  const entries = modules.map((one) => one.split("=")).map(([name = "", file = ""]) => [name, file] as const);
  return {
    version,
    image: image === "none" ? null : image,
    readable: readable === "yes",
    modules: Object.fromEntries(entries),
  };
}
