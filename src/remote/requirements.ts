import { installNix } from "../core/distribution.ts";
import { InfraError } from "../core/errors.ts";
import type { MachineShape } from "../core/machine-shape.ts";
import type { HostFacts } from "./facts.ts";
import type { Problem } from "./host-problem.ts";
import { chooseParts } from "./machine-parts.ts";

export type { Problem } from "./host-problem.ts";

interface Package {
  readonly debian: string;
  readonly nixos: string;
}

const everyTool: Readonly<Record<string, Package>> = {
  bwrap: { debian: "bubblewrap", nixos: "bubblewrap" },
  find: { debian: "findutils", nixos: "findutils" },
  flock: { debian: "util-linux", nixos: "util-linux" },
  grep: { debian: "grep", nixos: "gnugrep" },
  gzip: { debian: "gzip", nixos: "gzip" },
  prlimit: { debian: "util-linux", nixos: "util-linux" },
  perl: { debian: "perl-base", nixos: "perl" },
  setpriv: { debian: "util-linux", nixos: "util-linux" },
  unshare: { debian: "util-linux", nixos: "util-linux" },
  sed: { debian: "sed", nixos: "gnused" },
  tar: { debian: "tar", nixos: "gnutar" },
  xargs: { debian: "findutils", nixos: "findutils" },
};
const coreutils: Package = { debian: "coreutils", nixos: "coreutils" };
/** Programs that are used where they exist, but never required. */
const optional = ["b3sum", "zstd"];
/** What masks logs on the host. */
const secretsOnly = ["perl"];
const sandboxOnly = ["bwrap"];

/** What hypervisors of microvm.nix without emulation need. */
export const KVM_MACHINE = "microvm-kvm";

/** What a shape needs on a host, by the name that `missingOnHost` takes. */
export function needOf(shape: MachineShape): string {
  return shape.backend === "microvm" && shape.hypervisor !== "qemu" ? KVM_MACHINE : shape.backend;
}

const namespacesFix =
  "allow user namespaces: `sysctl -w user.max_user_namespaces=15000` (Debian also `kernel.unprivileged_userns_clone=1`, Ubuntu `kernel.apparmor_restrict_unprivileged_userns=0`; NixOS `security.allowUserNamespaces = true`); in a container, start it with the right to make them";

/** What a host lacks for pikaci itself and for the backends that jobs use; nothing was changed there yet. */
export function missingOnHost(
  facts: HostFacts,
  backends: readonly string[],
  networks: readonly string[] = [],
): Problem[] {
  return [
    ...systemProblems(facts),
    ...nixProblems(facts),
    ...toolProblems(facts, backends),
    ...(backends.length > 0 ? namespaceProblems(facts, backends) : []),
    ...(backends.includes("minivm") ? machineProblems(facts, networks) : []),
    ...(backends.includes(KVM_MACHINE) ? kvmProblems(facts) : []),
  ];
}

/** What a host lacks for jobs with secrets, which are never started where their logs would not be masked. */
export function maskProblems({ missingTools }: HostFacts): Problem[] {
  return secretsOnly
    .filter((tool) => missingTools.includes(tool))
    .map((tool) => ({
      what: `\`${tool}\` is missing, which masks the logs of jobs with secrets`,
      fix: installFix(tool),
    }));
}

function kvmProblems({ machine }: HostFacts): Problem[] {
  if (machine === null || machine.kvm) return [];
  return [
    {
      what: "it has no KVM that this account may use",
      fix: 'give the account /dev/kvm (`usermod -aG kvm ACCOUNT` there, NixOS `services.pikaci-host.kvm = true`), or use the hypervisor "qemu" or the runner "minivm", which need none',
    },
  ];
}

function machineProblems({ system, machine }: HostFacts, networks: readonly string[]): readonly Problem[] {
  if (system !== "x86_64-linux")
    return [{ what: `it is ${system}; minivm is for x86_64-linux`, fix: 'use the runner "sandbox" there' }];
  const choice = machine === null ? null : chooseParts(machine, networks.includes("user") ? "user" : "none");
  return choice === null || choice.ok ? [] : choice.problems;
}

/** The one error for all problems; null when there is none. */
export function requirementsError(host: string, problems: readonly Problem[]): InfraError | null {
  if (problems.length === 0) return null;
  return new InfraError("host", `${host} cannot run this: ${problems.map(({ what }) => what).join("; ")}`, {
    hint: [...new Set(problems.map(({ fix }) => fix))].join("; "),
  });
}

function systemProblems({ system }: HostFacts): Problem[] {
  return system.endsWith("-linux")
    ? []
    : [{ what: `it is ${system}, not Linux`, fix: "name a Linux host with `--on`" }];
}

function nixProblems({ nix, distribution }: HostFacts): Problem[] {
  switch (nix.state) {
    case "absent":
      return [
        {
          what: "Nix is not installed",
          fix: installNix(distribution),
        },
      ];
    case "failing":
      return [
        {
          what: `Nix cannot use its store: ${nix.said}`,
          fix: "make `nix-instantiate --eval --read-write-mode -E 1` work for this account there; an ordinary user needs the Nix daemon (Debian `apt-get install nix-setup-systemd`, NixOS `nix.enable = true`)",
        },
      ];
    case "works":
      return nix.storeDir === "/nix/store" && nix.real
        ? []
        : [
            {
              what: `its Nix store is not really at /nix/store (it says ${nix.storeDir})`,
              fix: "use a host whose store is /nix/store itself: pikaci shows it to guests as it is",
            },
          ];
  }
}

function toolProblems(facts: HostFacts, backends: readonly string[]): Problem[] {
  const sandbox = backends.includes("sandbox");
  const needed = facts.missingTools.filter(
    (tool) =>
      !optional.includes(tool) &&
      !secretsOnly.includes(tool) &&
      !["nix", "nix-store"].includes(tool) &&
      (sandbox || !sandboxOnly.includes(tool)),
  );
  const has = (tool: string) => !facts.missingTools.includes(tool);
  return [
    ...needed.map((tool) => ({ what: `\`${tool}\` is missing`, fix: installFix(tool) })),
    ...(has("tar") && !facts.gnuTar ? [{ what: "its `tar` is not GNU tar", fix: installFix("tar") }] : []),
    ...(has("setpriv") && !facts.setpriv
      ? [{ what: "its `setpriv` has no --pdeathsig", fix: installFix("setpriv") }]
      : []),
  ];
}

function installFix(tool: string): string {
  const { debian, nixos } = everyTool[tool] ?? coreutils;
  return `Debian \`apt-get install ${debian}\`, NixOS \`environment.systemPackages = [ pkgs.${nixos} ]\``;
}

function namespaceProblems(facts: HostFacts, backends: readonly string[]): Problem[] {
  if (!facts.namespaces.ok)
    return [{ what: `it cannot make namespaces: ${facts.namespaces.said}`, fix: namespacesFix }];
  const { bwrap } = facts;
  const broken =
    backends.includes("sandbox") && bwrap !== null && !bwrap.ok && !facts.missingTools.includes("bwrap");
  return broken ? [{ what: `bubblewrap does not work: ${bwrap.said}`, fix: namespacesFix }] : [];
}
