import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Control groups of version 1, else of version 2: the file with the count, how it stands there, its units in a second. */
const COUNTERS = [
  { root: "/sys/fs/cgroup/cpuacct", file: "cpuacct.usage", count: /^(\d+)$/m, perSecond: 1e9 },
  { root: "/sys/fs/cgroup", file: "cpu.stat", count: /^usage_usec (\d+)$/m, perSecond: 1e6 },
] as const;

/** The processor time of a process and of all that comes of it, also of daemons. */
export interface ProcessorTime {
  /** Begins to count a process that was just started. */
  add(pid: number): void;
  /** Seconds until now, of all cores together. */
  seconds(): number;
}

const groups: string[] = [];

/** Makes a control group that counts; `name` is unique in this process. It goes when we exit, or stays empty if we are killed. */
export function countProcessorTime(name: string): ProcessorTime {
  const counter = COUNTERS.find(({ root, file }) => existsSync(join(root, file)));
  if (counter === undefined) throw new Error("this machine has no control groups that count processor time");
  const group = join(counter.root, `pikaci-test-${process.pid}-${name.replace(/\W+/g, "-")}`);
  mkdirSync(group);
  if (groups.length === 0) process.on("exit", () => groups.forEach(removeGroup));
  groups.push(group);
  return {
    add: (pid) => writeFileSync(join(group, "cgroup.procs"), `${pid}`),
    seconds: () => {
      const text = readFileSync(join(group, counter.file), "utf8");
      return Number(counter.count.exec(text)?.[1]) / counter.perSecond;
    },
  };
}

function removeGroup(group: string): void {
  try {
    rmdirSync(group);
  } catch {
    // A process that is about to die is still in it.
  }
}
