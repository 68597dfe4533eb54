import type { HostUrl } from "../../core/ids.ts";

interface SshTarget {
  /** `[user@]host`, as ssh wants it. */
  readonly destination: string;
  /** The host alone, without brackets. */
  readonly hostname: string;
  readonly port: string | null;
}

/** The parts of `ssh://[user@]host[:port]`. */
export function sshTarget(url: HostUrl): SshTarget {
  const parts = /^ssh:\/\/([^@]*@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(url);
  const hostname = (parts?.[2] ?? "").replace(/^\[|\]$/g, "");
  return { destination: `${parts?.[1] ?? ""}${hostname}`, hostname, port: parts?.[3] ?? null };
}

/** The words of NIX_SSHOPTS, which pikaci's own ssh calls follow too. */
export function sshOptionWords(text: string | undefined): string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}

/** What the caller's options cannot change: what makes the connection private and silent. */
const fixed = [
  ...["-T", "-o", "BatchMode=yes", "-o", "ControlPersist=no", "-o", "RequestTTY=no"],
  ...["-o", "RemoteCommand=none", "-o", "PermitLocalCommand=no", "-o", "ClearAllForwardings=yes"],
];

/** ssh takes the first value it meets: NIX_SSHOPTS comes before these and wins, ~/.ssh/config comes after. */
const defaults = ["-o", "StrictHostKeyChecking=yes", "-o", "LogLevel=ERROR"];

const ALIVE_COUNT = 3;

function aliveSeconds(leaseMs: number): number {
  return Math.min(15, Math.max(1, Math.round(leaseMs / 8000)));
}

/** After how long ssh gives a silent host up: 45 s, or sooner, so that most of the lease is left to reach it again. */
export function aliveMs(leaseMs: number): number {
  return aliveSeconds(leaseMs) * ALIVE_COUNT * 1000;
}

/** How long a host may take to greet: a busy one takes its time, but several tries fit into a short lease. */
export function connectMs(leaseMs: number): number {
  return 1000 * Math.min(30, Math.max(10, Math.round(leaseMs / 4000)));
}

/** ssh's own patience with a host. */
export function aliveWords(leaseMs: number): string[] {
  return [
    `ServerAliveInterval=${aliveSeconds(leaseMs)}`,
    `ServerAliveCountMax=${ALIVE_COUNT}`,
    `ConnectTimeout=${connectMs(leaseMs) / 1000}`,
  ].flatMap((option) => ["-o", option]);
}

/** A master connection on its own socket; `command` is its first session. */
export function masterWords(
  target: SshTarget,
  socket: string,
  extra: readonly string[],
  command: string,
): string[] {
  const port = target.port === null ? [] : ["-p", target.port];
  const words = ["-M", "-S", socket, ...fixed, ...port, ...extra, ...defaults];
  return ["ssh", ...words, "--", target.destination, command];
}

/** Makes ssh use a running master or fail: never a new connection of its own. */
function throughMaster(socket: string): string[] {
  return ["-S", socket, "-o", "ControlMaster=no", "-o", "ProxyCommand=false"];
}

/** Asks the master on `socket` whether it is there: exit 0 when it is. */
export function checkWords(target: SshTarget, socket: string): string[] {
  return ["ssh", "-F", "/dev/null", "-S", socket, "-O", "check", "--", target.destination];
}

/** A further channel. The caller's ssh configuration has done its part when the master was opened. */
export function channelWords(target: SshTarget, socket: string, command: string): string[] {
  const words = [
    "-F",
    "/dev/null",
    ...throughMaster(socket),
    "-T",
    "-o",
    "BatchMode=yes",
    "-o",
    "LogLevel=ERROR",
  ];
  return ["ssh", ...words, "--", target.destination, command];
}

/** NIX_SSHOPTS for a Nix that shall use the master; Nix 2.8 takes a port nowhere else. */
export function nixSshOptions(target: SshTarget, socket: string, extra: readonly string[]): string {
  const port = target.port === null ? [] : ["-p", target.port];
  return [...throughMaster(socket), ...port, ...extra].join(" ");
}
