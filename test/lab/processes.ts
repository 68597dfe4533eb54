import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface HostProcess {
  /** In the host's own pid namespace. */
  readonly pid: number;
  readonly args: string;
  readonly environ?: string;
}

/** Every process in a host's pid namespace and those below, read from its /proc; zombies are left out. */
export function listProcesses(proc: string): HostProcess[] {
  const pids = readdirSync(proc).filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const args = readWords(join(proc, pid, "cmdline"));
    if (args === undefined || args === "") return [];
    const environ = readWords(join(proc, pid, "environ"));
    return [{ pid: Number(pid), args, ...(environ === undefined ? {} : { environ }) }];
  });
}

function readWords(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return undefined;
  }
}
