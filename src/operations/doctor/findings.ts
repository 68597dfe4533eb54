import { formatDuration } from "../../config/duration.ts";
import type { HostFacts } from "../../remote/facts.ts";
import { maskProblems, missingOnHost } from "../../remote/requirements.ts";

/** One thing that was checked. A `problem` makes every run fail; a `warning` makes some runs fail or slower. */
export interface Finding {
  readonly check: string;
  readonly status: "ok" | "warning" | "problem";
  readonly said: string;
  /** The command to type or the change to make; null when all is well. */
  readonly fix: string | null;
}

/** Milliseconds since 1970: the client's clock when it asked, the host's when it answered, the client's when the answer came. */
export interface Clocks {
  readonly askedMs: number;
  readonly hostMs: number;
  readonly answeredMs: number;
}

/** What was measured on a host in addition to its facts. */
export interface Measured {
  readonly connectMs: number;
  readonly roundTripMs: number;
  readonly clocks: Clocks;
  /** Channels that were open at once. */
  readonly channels: number;
  readonly versions: Readonly<Record<string, string>>;
  /** What `src/host/kvm.sh` said; null where there is nothing that could boot. */
  readonly kvm: string | null;
}

/** A difference of clocks is only a warning: pikaci compares times on one machine only, but certificates may fail. */
const CLOCK_MS = 5_000;
const LOW_BYTES = 1_000_000_000;
const LOW_INODES = 20_000;
/** Jobs, the session and `nix copy` share a connection. */
export const CHANNELS = 8;

/** What the facts of a host that answered mean; pure. */
export function judgeHost(facts: HostFacts, measured: Measured): Finding[] {
  return [
    ok("reachable", `connected in ${measured.connectMs} ms, a round trip takes ${measured.roundTripMs} ms`),
    ok("system", `${facts.system}, account ${facts.user} (${facts.uid}), work dir ${facts.workDir}`),
    ...(facts.adopted
      ? [ok("work dir", `it was made by an older pikaci, and is marked as pikaci's now`)]
      : []),
    ...versionFindings(measured.versions),
    ...backendFindings(facts),
    ...secretFindings(facts),
    ...(measured.kvm === null ? [] : [kvmFinding(measured.kvm)]),
    diskFinding(facts),
    clockFinding(clockDifference(measured.clocks)),
    trustFinding(measured.versions["trusted"] ?? ""),
    channelFinding(measured.channels),
    accountFinding(facts),
    leftoverFinding(facts),
    ...unfetchedFindings(facts),
  ];
}

function ok(check: string, said: string): Finding {
  return { check, status: "ok", said, fix: null };
}

function versionFindings(versions: Readonly<Record<string, string>>): Finding[] {
  return Object.entries(versions)
    .filter(([name]) => name !== "trusted" && name !== "features")
    .map(([name, text]) => ok(name, text));
}

/** The sandbox is what jobs get that ask for nothing; the virtual machine is a stronger one. */
function backendFindings(facts: HostFacts): Finding[] {
  const judge = (backend: string, status: "problem" | "warning"): Finding[] => {
    const problems = missingOnHost(facts, [backend]);
    return problems.length === 0
      ? [ok(backend, "works")]
      : problems.map(({ what, fix }) => ({ check: backend, status, said: what, fix }));
  };
  const overlay: Finding[] = facts.overlay.ok
    ? [ok("overlay", "private workspaces are views")]
    : [
        {
          check: "overlay",
          status: "warning",
          said: `private workspaces are copies: ${facts.overlay.said}`,
          fix: "a kernel of 5.11 or later has overlays for ordinary accounts",
        },
      ];
  return [...judge("sandbox", "problem"), ...judge("minivm", "warning"), ...overlay];
}

function secretFindings(facts: HostFacts): Finding[] {
  const problems = maskProblems(facts);
  if (problems.length === 0) return [ok("secrets", "logs of jobs with secrets are masked there")];
  return problems.map(({ what, fix }) => ({ check: "secrets", status: "warning", said: what, fix }));
}

const EMULATED = "virtual machines are emulated, several times slower";

function kvmFinding(said: string): Finding {
  const warn = (what: string, fix: string): Finding => ({ check: "kvm", status: "warning", said: what, fix });
  if (said === "boots") return ok("kvm", "a guest boots with it");
  if (said === "none")
    return warn(
      `there is no /dev/kvm: ${EMULATED}`,
      "switch virtualisation on in the firmware, or nested virtualisation where the host is a guest itself; then `modprobe kvm_intel` or `kvm_amd`",
    );
  if (said === "closed")
    return warn(
      `the account may not open /dev/kvm: ${EMULATED}`,
      "give it the device: `usermod -aG kvm ACCOUNT` there",
    );
  const words = said.replace(/^hangs ?/, "");
  return warn(
    `/dev/kvm opens, but no guest boots with it within 8 s${words === "" ? "" : `: ${words}`}`,
    "switch nested virtualisation on where the host is a guest itself, or take the device from the account, so that virtual machines are emulated",
  );
}

function diskFinding({ freeBytes, freeInodes, workDir }: HostFacts): Finding {
  const inodes = freeInodes === null ? "" : `, ${freeInodes} inodes`;
  const said = `${(freeBytes / 1e9).toFixed(1)} GB${inodes} free in ${workDir}`;
  const low = freeBytes < LOW_BYTES || (freeInodes ?? LOW_INODES) < LOW_INODES;
  return low
    ? { check: "disk", status: "warning", said, fix: "`pikaci gc` removes what is not needed" }
    : ok("disk", said);
}

/** How far the host's clock is certainly ahead of the client's, in milliseconds; the round trip does not count. */
export function clockDifference({ askedMs, hostMs, answeredMs }: Clocks): number {
  if (hostMs < askedMs) return hostMs - askedMs;
  return Math.max(0, hostMs - answeredMs);
}

function clockFinding(difference: number): Finding {
  if (difference === 0) return ok("clock", "no difference to this machine's");
  const seconds = Math.round(Math.abs(difference) / 100) / 10;
  const said = `${seconds} s ${difference < 0 ? "behind" : "ahead of"} this machine's`;
  return Math.abs(difference) > CLOCK_MS
    ? { check: "clock", status: "warning", said, fix: "set it on both by NTP: `timedatectl set-ntp true`" }
    : ok("clock", said);
}

function trustFinding(trusted: string): Finding {
  if (trusted === "1") return ok("trusted", "Nix there takes unsigned store paths from this account");
  return ok("trusted", "Nix there takes signed or content-addressed store paths only; pikaci sends those");
}

function channelFinding(channels: number): Finding {
  const said = `${channels} channels at once on one connection`;
  return channels >= CHANNELS
    ? ok("channels", said)
    : { check: "channels", status: "warning", said, fix: "raise `MaxSessions` in sshd_config there to 10" };
}

function accountFinding({ uid }: HostFacts): Finding {
  return uid === 0
    ? {
        check: "account",
        status: "warning",
        said: "it is root: jobs of the sandbox have its uid",
        fix: "give pikaci an ordinary account there",
      }
    : ok("account", "an ordinary one");
}

/** Of runs whose client was killed. */
function unfetchedFindings({ unfetched }: HostFacts): Finding[] {
  if (unfetched.length === 0) return [];
  const runs = unfetched.map(({ run, seconds, project }) => {
    const whose = project === null ? "" : `, project ${project}`;
    return `${run} (${formatDuration(seconds * 1000)}${whose})`;
  });
  return [
    {
      check: "unfetched",
      status: "warning",
      said: `results and logs that no client has fetched: ${runs.join("; ")}`,
      fix: "`pikaci attach RUN` fetches them; the project's next run after `limits.unfetched` (default 1 day), or `pikaci gc`, removes them",
    },
  ];
}

/** What crashed runs had left is gone by now, unless it says `not ended`. */
function leftoverFinding({ reaped }: HostFacts): Finding {
  const check = "leftovers";
  if (reaped.length === 0) return ok(check, "nothing of older runs is left");
  return {
    check,
    status: "warning",
    said: `ended what crashed runs had left: ${reaped.map(({ run, what }) => `${run} ${what}`).join("; ")}`,
    fix: "see that host's log for what ended their guards: memory, limits of the login, a restart",
  };
}
