import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { RunRecord } from "../core/run-record.ts";

type ClientIdentity = RunRecord["client"];
type Liveness = "alive" | "dead" | "unknown";

/** This process as a record names it. `started` is `<boot id>/<pid namespace>/<clock ticks>`; empty without /proc. */
export function thisProcess(): ClientIdentity {
  return { pid: process.pid, started: startToken(process.pid) ?? "", hostname: hostname() };
}

/** Whether the process that a record names still runs; `unknown` from another machine or PID namespace. */
export function liveness(client: ClientIdentity): Liveness {
  return judge(client, {
    hostname: hostname(),
    boot: bootToken(),
    token: startToken(client.pid),
    exists: exists(client.pid),
  });
}

interface Observation {
  readonly hostname: string;
  /** `<boot id>/<pid namespace>` of the observer; null without /proc. */
  readonly boot: string | null;
  /** Token of the process that has the pid now; null when there is none or no /proc. */
  readonly token: string | null;
  readonly exists: boolean;
}

export function judge(client: ClientIdentity, seen: Observation): Liveness {
  if (client.hostname !== seen.hostname) return "unknown";
  if (client.started === "" || seen.boot === null) return seen.exists ? "unknown" : "dead";
  const [boot, namespace] = client.started.split("/");
  const [ownBoot, ownNamespace] = seen.boot.split("/");
  if (boot !== ownBoot) return "dead";
  if (namespace !== ownNamespace) return "unknown";
  return seen.token === client.started ? "alive" : "dead";
}

function bootToken(): string | null {
  const boot = attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const namespace = attempt(() => readlinkSync("/proc/self/ns/pid"));
  return boot === null || namespace === null ? null : `${boot}/${namespace}`;
}

function startToken(pid: number): string | null {
  const boot = bootToken();
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  if (boot === null || stat === null) return null;
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === "Z" || state === "X" ? null : `${boot}/${fields[18] ?? ""}`;
}

function exists(pid: number): boolean {
  return attempt(() => process.kill(pid, 0)) !== null;
}

/** The value, or null when the system has no such thing. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
