import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LabHost } from "../lab/lab.ts";

interface RemoteProcess {
  readonly pid: number;
  readonly parent: number;
  readonly args: string;
}

/** Every process of a host, by its own ids; zombies and kernel threads are left out. */
export function processesOf(host: LabHost): RemoteProcess[] {
  const proc = join(host.rootDir, "proc");
  const pids = readdirSync(proc).filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const args = readFileSync(join(proc, pid, "cmdline"), "utf8")
        .replaceAll("\0", " ")
        .trim();
      const stat = readFileSync(join(proc, pid, "stat"), "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      return args === "" ? [] : [{ pid: Number(pid), parent, args }];
    } catch {
      return [];
    }
  });
}

/** Those that neither are this process nor came from it. */
export function besides(all: readonly RemoteProcess[], args: string): RemoteProcess[] {
  const tree = new Set(all.filter((one) => one.args.includes(args)).map(({ pid }) => pid));
  for (let size = -1; size !== tree.size; ) {
    size = tree.size;
    for (const { pid, parent } of all) if (tree.has(parent)) tree.add(pid);
  }
  return all.filter(({ pid }) => !tree.has(pid));
}

/** The shell of the program that was started last: `publish` where there is one, else `session`. */
export function newestShell(host: LabHost): number {
  const all = processesOf(host);
  const daemons = new Set(all.filter(({ args }) => args.startsWith("sshd")).map(({ pid }) => pid));
  const shells = all.filter(({ args, parent }) => args.startsWith("sh -c eval ") && daemons.has(parent));
  if (shells.length === 0) throw new Error("no program of ours runs on the host");
  return Math.max(...shells.map(({ pid }) => pid));
}
