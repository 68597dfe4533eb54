import { rmSync } from "node:fs";
import { join } from "node:path";
import type { PikaciError } from "../../core/errors.ts";
import type { HostSpec } from "../../core/project.ts";
import { type Env, missingProgram, run, type StreamProcess, start } from "../../system/exec.ts";
import { hasCode } from "../../system/files.ts";
import { ProcessChannel, type ProcessExit } from "../channel.ts";
import type { OpenOptions } from "../connection.ts";
import { ending } from "../ending.ts";
import { commandLine, LOADER } from "../programs.ts";
import { backOff, sshError, turnedAway } from "./errors.ts";
import { makeSocketDir } from "./socket.ts";
import {
  aliveMs,
  aliveWords,
  checkWords,
  connectMs,
  masterWords,
  sshOptionWords,
  sshTarget,
} from "./words.ts";

/** One ssh connection of our own; its first session runs a host program that ends when its stdin does. */
export interface Master {
  readonly host: HostSpec;
  readonly channel: ProcessChannel;
  socket(): string;
  /** Resolves when the host has answered and takes further channels; rejects when the connection failed. */
  readonly ready: Promise<void>;
  /** Whether the ssh master still works; it answers only after everything that came before. */
  isThere(): Promise<boolean>;
  /** Why the connection ended; null when it is still there. */
  lost(): Promise<PikaciError | null>;
  /** Ends ssh at once, and removes its socket. */
  destroy(): void;
}

/**
 * Outlives this process if that is killed: removes the socket's directory ($0) when ssh has ended. It lets go of
 * stdout, so that the end of the session is seen while ssh stays for other channels.
 */
const WRAPPER = `trap : HUP INT TERM
exec 3<&0
"$@" <&3 3<&- &
exec 3<&- >/dev/null
wait "$!"; status=$?
while kill -0 "$!" 2>/dev/null; do wait "$!"; status=$?; done
rm -rf -- "$0"
exit "$status"`;

/** Starts connecting at once; the program follows with `run`, when its parameters are known. */
export function startMaster(host: HostSpec, base: string, env: Env, options: OpenOptions): Master {
  let dir = "";
  let child: StreamProcess | null = null;
  let began = 0;
  const words = (socket: string) =>
    masterWords(
      sshTarget(host.url),
      socket,
      [...sshOptionWords(env.NIX_SSHOPTS), ...aliveWords(host.leaseMs)],
      commandLine(LOADER.length),
    );
  // Repeated: the wrapper may get the first one before it has started ssh.
  const kill = () => {
    signalGroup(child, "SIGTERM");
    const timer = setInterval(() => signalGroup(child, "SIGTERM"), 200);
    const stop = () => clearInterval(timer);
    channel.closed.then(stop, stop);
  };
  const source = {
    label: `the session on ${host.url}`,
    spawn: () => {
      dir = makeSocketDir(base);
      began = performance.now();
      child = start(["sh", "-c", WRAPPER, dir, ...words(join(dir, "c"))], { env, detached: true });
      return child;
    },
    explain: (exit: ProcessExit) => explainMaster(host, exit),
    retryAfter: ({ code, stderr }: ProcessExit, attempt: number) => {
      const patience = [aliveMs(host.leaseMs), connectMs(host.leaseMs)] as const;
      const away = code === 255 && turnedAway(stderr, performance.now() - began, ...patience);
      return away ? backOff(attempt, Math.random()) : null;
    },
    kill,
  };
  const channel = new ProcessChannel(source, Buffer.from(LOADER), options);
  const ready = Promise.race([channel.answered, channel.closed.then(() => {})]);
  ready.catch(() => {});
  const isThere = async () => {
    const check = checkWords(sshTarget(host.url), join(dir, "c"));
    return (await run(check, { env })).exitCode === 0;
  };
  return {
    host,
    channel,
    socket: () => join(dir, "c"),
    ready,
    isThere,
    lost: () => lost(host, channel, isThere),
    destroy: () => {
      signalGroup(child, "SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function lost(
  host: HostSpec,
  channel: ProcessChannel,
  isThere: () => Promise<boolean>,
): Promise<PikaciError | null> {
  const end = await ending(channel.closed, isThere);
  if (end === "open") return null;
  return end === "closed" ? sshError(host.url, "", "answered") : end;
}

function explainMaster(host: HostSpec, { code, stderr, answered }: ProcessExit): PikaciError | null {
  if (code === 127 && /\bssh: (command )?not found/.test(stderr)) return missingProgram("ssh");
  return code === null || code >= 128 ? sshError(host.url, stderr, answered ? "answered" : "opening") : null;
}

function signalGroup(child: StreamProcess | null, signal: "SIGTERM" | "SIGKILL"): void {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (!hasCode(error, ["ESRCH"])) throw error;
  }
}
