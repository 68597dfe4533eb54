/** A Debian package and the file or program whose presence makes it unnecessary, however it came. */
export interface Provision {
  readonly package: string;
  /** A program's name, or an absolute path. */
  readonly gives: string;
}

export interface Machine {
  readonly root: boolean;
  readonly debian: boolean;
  has(gives: string): boolean;
}

export type SetupPlan =
  | { readonly kind: "ready" }
  /** Root on Debian: run the commands in this order. */
  | { readonly kind: "install"; readonly packages: readonly string[]; readonly commands: readonly string[][] }
  /** Anywhere else: show these lines, do nothing. */
  | { readonly kind: "tell"; readonly missing: readonly string[]; readonly lines: readonly string[] };

const GIVES: Readonly<Record<string, string>> = {
  "nix-bin": "nix",
  bubblewrap: "bwrap",
  "openssh-client": "ssh",
  iproute2: "ip",
  "busybox-static": "busybox",
  "xz-utils": "xz",
  "util-linux": "unshare",
  procps: "ps",
  "debian-archive-keyring": "/usr/share/keyrings/debian-archive-keyring.gpg",
};

export const provision = (name: string): Provision => ({ package: name, gives: GIVES[name] ?? name });

/** What to do so that every package's program is there. */
export function planSetup(names: readonly string[], machine: Machine): SetupPlan {
  const missing = names.map(provision).filter(({ gives }) => !machine.has(gives));
  if (missing.length === 0) return { kind: "ready" };
  const packages = missing.map((one) => one.package);
  const commands = installCommands(packages);
  if (machine.root && machine.debian) return { kind: "install", packages, commands };
  const sudo = machine.root ? "" : "sudo ";
  const lines = machine.debian
    ? commands.map((words) => `${sudo}${words.join(" ")}`)
    : missing.map((one) => `install ${one.gives} (Debian calls its package ${one.package})`);
  return { kind: "tell", missing: missing.map(({ gives }) => gives), lines };
}

function installCommands(packages: readonly string[]): string[][] {
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  return [
    ["apt-get", ...wait, "update"],
    ["apt-get", ...wait, "install", "--yes", "--no-install-recommends", ...packages],
  ];
}
