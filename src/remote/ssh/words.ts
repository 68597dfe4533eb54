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

/**
 * What the caller's options cannot change: what makes the connection private and silent, and its first session one that
 * runs our command.
 */
const fixed = [
  ...["-T", "-o", "BatchMode=yes", "-o", "ControlPersist=no", "-o", "RequestTTY=no"],
  ...["-o", "RemoteCommand=none", "-o", "PermitLocalCommand=no", "-o", "ClearAllForwardings=yes"],
];

/**
 * ssh takes the first value it meets: NIX_SSHOPTS comes before these and wins, ~/.ssh/config comes after. The last four
 * are of OpenSSH 8.7 and later (`ChannelTimeout`: 9.6). An older one passes over them, and over words of ~/.ssh/config
 * that it does not know: a list of ours would take the place of the user's own.
 */
const defaults = [
  ...["StrictHostKeyChecking=yes", "LogLevel=ERROR", "IgnoreUnknown=*"],
  ...["StdinNull=no", "SessionType=default", "ForkAfterAuthentication=no", "ChannelTimeout=none"],
].flatMap((option) => ["-o", option]);

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

/**
 * Makes ssh, ours or Nix's, use a running master or fail: never a new connection of its own. The caller's options and
 * configuration have done their part when the master was opened.
 */
function throughMaster(socket: string, { port }: SshTarget): string[] {
  return [
    ...["-F", "/dev/null", "-S", socket, "-o", "ControlMaster=no", "-o", "ProxyCommand=false"],
    ...["-T", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"],
    ...(port === null ? [] : ["-p", port]),
  ];
}

/** Asks the master on `socket` whether it is there: exit 0 when it is. */
export function checkWords(target: SshTarget, socket: string): string[] {
  return ["ssh", ...throughMaster(socket, target), "-O", "check", "--", target.destination];
}

/** A further channel. */
export function channelWords(target: SshTarget, socket: string, command: string): string[] {
  return ["ssh", ...throughMaster(socket, target), "--", target.destination, command];
}

/** NIX_SSHOPTS for a Nix that shall use the master; Nix 2.8 takes a port nowhere else. */
export function nixSshOptions(target: SshTarget, socket: string): string {
  return throughMaster(socket, target).join(" ");
}
