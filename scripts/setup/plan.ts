import { givenBy, type PackageName } from "./packages.ts";

export interface Machine {
  readonly root: boolean;
  readonly debian: boolean;
  /** Of a program's name, or an absolute path. */
  has(gives: string): boolean;
}

export type SetupPlan =
  | { readonly kind: "ready" }
  /** Root on Debian: run the commands in this order. */
  | { readonly kind: "install"; readonly packages: readonly string[]; readonly commands: readonly string[][] }
  /** Anywhere else: show these lines, do nothing. */
  | { readonly kind: "tell"; readonly missing: readonly string[]; readonly lines: readonly string[] };

/** What to do so that all that these packages give is there. */
export function planSetup(names: readonly PackageName[], machine: Machine): SetupPlan {
  const lacking = names
    .map((name) => ({ name, gives: givenBy(name).filter((one) => !machine.has(one)) }))
    .filter(({ gives }) => gives.length > 0);
  if (lacking.length === 0) return { kind: "ready" };
  const packages = lacking.map(({ name }) => name);
  const commands = installCommands(packages);
  if (machine.root && machine.debian) return { kind: "install", packages, commands };
  const sudo = machine.root ? "" : "sudo ";
  const lines = machine.debian
    ? commands.map((words) => `${sudo}${words.join(" ")}`)
    : lacking.map(({ name, gives }) => `install ${gives.join(", ")} (Debian calls the package ${name})`);
  return { kind: "tell", missing: lacking.flatMap(({ gives }) => gives), lines };
}

function installCommands(packages: readonly string[]): string[][] {
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  return [
    ["apt-get", ...wait, "update"],
    ["apt-get", ...wait, "install", "--yes", "--no-install-recommends", ...packages],
  ];
}
