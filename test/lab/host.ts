import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Completed, must, run } from "./command.ts";
import type { HostKind } from "./kind.ts";
import type { Link } from "./network.ts";
import { type HostProcess, listProcesses } from "./processes.ts";
import { type Counts, countSshLog } from "./sshlog.ts";

/** Of root and of daemons; an account that comes over ssh has what sshd gives it. */
export const HOST_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** In the environment of all that `exec` runs, so that it can be told from what pikaci runs. */
export const EXEC_MARK = "PIKACI_LAB_EXEC=1";

/** One running host: Debian with its own root, processes, network, sshd and Nix store. */
export interface LabHost {
  readonly name: string;
  readonly kind: HostKind;
  /** pikaci's account: root on a single-user host, ordinary and not trusted by Nix on a multi-user one. */
  readonly user: string;
  readonly address: string;
  /** ssh://user@address */
  readonly url: string;
  /** The host's / as seen from here. */
  readonly rootDir: string;
  /** Of `user`, as the host sees it. */
  readonly homeDir: string;
  /** Runs `sh -c` inside the host, not over ssh; as root unless said otherwise. */
  exec(script: string, options?: { user?: string }): Promise<Completed>;
  /** From sshd's log, since boot or the last reset. */
  counts(): Promise<Counts>;
  resetCounts(): Promise<void>;
  /** Adds milliseconds to every round trip; 0 removes them. */
  delay(milliseconds: number): Promise<void>;
  /** Takes the network away in silence: no end of file, no reset. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Mounts an empty disk of `size` (as `1m`) at `path`, made if need be, owned by `user`. */
  mountSmallDisk(path: string, size: string): Promise<void>;
  processes(): Promise<HostProcess[]>;
  stop(): Promise<void>;
}

export interface Booted {
  readonly name: string;
  readonly kind: HostKind;
  readonly user: string;
  readonly homeDir: string;
  /** The host's pid 1 as this side sees it. */
  readonly pid: number;
  readonly link: Link;
  /** The process whose end ends the host. */
  readonly launcher: ChildProcess;
}

/** The handle of a host that is up. */
export function openHost(booted: Booted): LabHost {
  const { name, kind, user, homeDir, pid, link } = booted;
  const rootDir = `/proc/${pid}/root`;
  const log = () => readFileSync(join(rootDir, "var/log/sshd.log"), "utf8");
  let counted = log().length;
  const exec: LabHost["exec"] = (script, options) => run("nsenter", execArgs(booted, script, options?.user));
  return {
    ...{ name, kind, user, homeDir, rootDir, exec, address: link.address },
    url: `ssh://${user}@${link.address}`,
    counts: async () => countSshLog(log().slice(counted)),
    resetCounts: async () => {
      counted = log().length;
    },
    delay: link.delay,
    cut: link.cut,
    restore: link.restore,
    mountSmallDisk: async (path, size) => {
      const mount = `mkdir -p "$0" && mount -t tmpfs -o "size=$1" small "$0" && chown "$2:" "$0"`;
      await must("nsenter", [...execArgs(booted, mount), path, size, user]);
    },
    processes: async () => listProcesses(join(rootDir, "proc")),
    stop: () => stopHost(booted),
  };
}

function execArgs({ pid, user, homeDir }: Booted, script: string, as = "root"): string[] {
  const namespaces = ["--target", String(pid), "--mount", "--uts", "--ipc", "--net", "--pid"];
  const home = as === user ? homeDir : "/root";
  const account = as === "root" ? [] : ["setpriv", `--reuid=${as}`, `--regid=${as}`, "--init-groups"];
  const environment = [
    "/usr/bin/env",
    "-i",
    `PATH=${HOST_PATH}`,
    `HOME=${home}`,
    `USER=${as}`,
    `LOGNAME=${as}`,
    EXEC_MARK,
  ];
  return [
    ...namespaces,
    `--wd=/proc/${pid}/root${home}`,
    "--",
    ...environment,
    ...account,
    "sh",
    "-c",
    script,
  ];
}

async function stopHost({ launcher, link, pid }: Booted): Promise<void> {
  if (launcher.exitCode === null && launcher.signalCode === null) {
    launcher.ref();
    const ended = once(launcher, "exit");
    process.kill(pid, "SIGKILL");
    await ended;
  }
  await link.close();
}
