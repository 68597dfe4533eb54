import {
  InfraError,
  type InfraWhere,
  type PikaciError,
  ProgramKilled,
  TrustError,
} from "../../core/errors.ts";
import type { HostUrl } from "../../core/ids.ts";
import { sshTarget } from "./words.ts";

interface Rule {
  readonly pattern: RegExp;
  readonly where: InfraWhere | "trust";
  readonly what: string;
  readonly hint: (host: Place) => string;
}

interface Place {
  readonly url: HostUrl;
  readonly name: string;
  readonly port: string;
  /** What to type to reach it by hand. */
  readonly ssh: string;
}

const fingerprint = ({ name, port }: Place) => `ssh-keyscan -p ${port} ${name} | ssh-keygen -lf -`;
const tryByHand = ({ ssh }: Place) => `try \`${ssh} true\`; it must succeed without a question`;
const busy = () =>
  "the host's sshd takes no more connections at once (MaxStartups, MaxSessions); try again later";
const lost = () => "check the network and that the host is up, then run the command again";

/** A shell's words about a command that it cannot start: above or below ssh's own about a missing greeting, or of an `exec`. */
const PROXY_NOT_STARTED =
  /^(?:[\s\S]*(?<!\bs)sh: ?[^\n]{0,30}exec: |(?=[\s\S]*kex_exchange_identification)[\s\S]*(?<!\bs)sh: ?)[^\n]{0,300}(?:not found|Unknown command|No such file or directory|Permission denied)/;

/**
 * Tried in this order: ssh often prints the cause first and the consequence in a later line. A host can have written all of
 * it: what may stand between two parts of a pattern is bounded, so that no text takes long.
 */
const rules: readonly Rule[] = [
  {
    pattern: PROXY_NOT_STARTED,
    where: "client",
    what: "cannot be reached: its ProxyCommand does not start",
    hint: (place) => `fix ProxyCommand in ~/.ssh/config; ${tryByHand(place)}`,
  },
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .{0,300} has changed|REVOKED HOST KEY/,
    where: "trust",
    what: "shows another host key than the one that is known",
    hint: (place) =>
      `someone may be in between; compare \`${fingerprint(place)}\` with the host's own, and only then remove the old one with \`ssh-keygen -R ${place.port === "22" ? place.name : `'[${place.name}]:${place.port}'`}\``,
  },
  {
    pattern: /Host key verification failed|host key is known for/,
    where: "trust",
    what: "has a host key that is not known here",
    hint: (place) =>
      `show its fingerprint with \`${fingerprint(place)}\`, compare it with the host's own, then accept it by \`${place.ssh} true\``,
  },
  {
    pattern: /Could not resolve hostname/,
    where: "network",
    what: "does not resolve",
    hint: () => "check the name, or name the host in ~/.ssh/config",
  },
  {
    pattern: /Connection refused/,
    where: "network",
    what: "refused the connection",
    hint: ({ port }) => `check that the host is up and that its sshd listens on port ${port}`,
  },
  {
    pattern: /No route to host|Network is unreachable/,
    where: "network",
    what: "cannot be reached: no route",
    hint: lost,
  },
  {
    pattern: /timed out during banner exchange|banner exchange: .{0,300}(timed out|timeout)/i,
    where: "network",
    what: "accepted the connection and then said nothing",
    hint: tryByHand,
  },
  {
    pattern: /^Timeout, server .{0,300} not responding/m,
    where: "network",
    what: "stopped answering",
    hint: lost,
  },
  {
    pattern: /timed out/i,
    where: "network",
    what: "did not answer in time",
    hint: lost,
  },
  {
    pattern: /Permission denied|Too many authentication failures|No supported authentication methods/,
    where: "host",
    what: "does not let this user in",
    hint: (place) =>
      `pikaci asks no questions: load a key with \`ssh-add\`, or name it in ~/.ssh/config; ${tryByHand(place)}`,
  },
  {
    pattern: /Session open refused by peer/,
    where: "network",
    what: "refuses further sessions",
    hint: busy,
  },
  {
    pattern: /Unable to negotiate|no matching .{0,300} found/,
    where: "host",
    what: "and this ssh have no method in common",
    hint: tryByHand,
  },
  {
    pattern: /Bad configuration option|bad configuration options|command-line: line \d+|unknown option/,
    where: "client",
    what: "cannot be reached with these ssh options",
    hint: () => "fix NIX_SSHOPTS or ~/.ssh/config; ssh's own words are in the message",
  },
  {
    pattern: /kex_exchange_identification|Connection reset by|Connection closed by|closed by remote host/,
    where: "network",
    what: "closed the connection before it was open",
    hint: () => `${busy()}; behind a ProxyCommand or ProxyJump, it may be that one that ended`,
  },
];

/** The error behind an end of ssh itself (exit 255), on a connection on which the host had `answered` or not. */
export function sshError(url: HostUrl, stderr: string, moment: "opening" | "answered"): PikaciError {
  const said = stderr.replaceAll("\r", "").trim().split("\n").slice(-4).join("\n");
  const rule = rules.find(({ pattern }) => pattern.test(stderr));
  const place = placeOf(url);
  if (rule?.where === "trust") return new TrustError(`${url} ${rule.what}`, { hint: rule.hint(place) });
  const after = said === "" ? "" : `: ${said}`;
  if (moment === "opening" && said === "")
    return new InfraError("network", `${url} accepted the connection but did not answer`, {
      hint: tryByHand(place),
    });
  if (moment === "answered" || rule === undefined)
    return new InfraError("network", `the connection to ${url} was lost${after}`, { hint: lost() });
  return new InfraError(rule.where, `${url} ${rule.what}${after}`, { hint: rule.hint(place) });
}

/** The program ended by a signal while the connection stayed. */
export function programKilled(program: string, url: HostUrl, stderr: string): ProgramKilled {
  const said = stderr.trim().split("\n").slice(-4).join("\n");
  return new ProgramKilled(
    "host",
    `the program \`${program}\` was killed on ${url}${said === "" ? "" : `: ${said}`}`,
    { hint: "run the command again; the kernel's log there says whether memory ran out" },
  );
}

/**
 * Whether sshd turned a client away for a reason that passes, before it was let in. OpenSSH 10 does not say so at the
 * level of errors: a silent end is told by `afterMs`, when ssh ended, from that of one that waited in vain for a greeting
 * (`greetingMs`) or for a sign of life (`aliveMs`).
 */
export function turnedAway(stderr: string, afterMs: number, aliveMs: number, greetingMs: number): boolean {
  if (stderr.trim() === "") return afterMs < Math.min(greetingMs - 1000, aliveMs - 500);
  if (PROXY_NOT_STARTED.test(stderr)) return false;
  return (
    /kex_exchange_identification|Connection reset by|Connection closed by .{0,300} port/.test(stderr) &&
    !/Permission denied|Host key|timed out|refused/.test(stderr)
  );
}

/** Whether sshd refused one more session on an open connection. */
export function sessionRefused(stderr: string): boolean {
  return stderr.includes("Session open refused by peer");
}

/**
 * Milliseconds before try number `attempt` + 1, some 26 s in all; null after the twelfth. `random` is in [0, 1). With 50
 * clients at once, sshd's default MaxStartups turns each try away with up to 40 %.
 */
export function backOff(attempt: number, random: number): number | null {
  return attempt < 12 ? Math.min(200 * 2 ** (attempt - 1), 3200) * (0.5 + random) : null;
}

function placeOf(url: HostUrl): Place {
  const { destination, hostname, port } = sshTarget(url);
  const ssh = `ssh ${port === null ? "" : `-p ${port} `}${destination}`;
  return { url, name: hostname, port: port ?? "22", ssh };
}
