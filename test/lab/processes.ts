import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface HostProcess {
  /** In the host's own pid namespace. */
  readonly pid: number;
  readonly args: string;
  /** Read when it is asked for, because most only look at `args`; undefined if the process has ended. */
  readonly environ?: string | undefined;
}

/** Every process in a host's pid namespace and those below, read from its /proc; zombies are left out. */
export function listProcesses(proc: string): HostProcess[] {
  const pids = readdirSync(proc).filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const args = readWords(join(proc, pid, "cmdline"));
    if (args === undefined || args === "") return [];
    return {
      pid: Number(pid),
      args,
      get environ() {
        return readWords(join(proc, pid, "environ"));
      },
    };
  });
}

function readWords(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return undefined;
  }
}
