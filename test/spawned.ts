import { readFileSync } from "node:fs";

/** Words that run a command so that `file` tells which processes it and its children made, and which programs they became. */
export function underSpawnTrace(file: string): string[] {
  const calls = "trace=execve,clone,clone3,fork,vfork";
  return ["strace", "-f", "-qq", "-s", "200", "-e", calls, "-e", "signal=none", "-o", file];
}

/** What the host programs of one client have started, and all that these have. */
export interface Spawned {
  readonly forks: number;
  /** Forks that only wait, of which there are more the longer a run takes: pauses, and looks at a log. */
  readonly waiting: number;
  /** How often each program was started, the most frequent one first. */
  readonly programs: readonly (readonly [name: string, times: number])[];
}

interface Trace {
  readonly root: string;
  readonly children: readonly { readonly parent: string; readonly child: string; readonly thread: boolean }[];
  readonly execs: readonly { readonly pid: string; readonly words: string }[];
}

/** How the client starts a host program: src/remote/programs.ts. */
const HOST_PROGRAM = /^"sh", "-c", "exec sh -c /;
const WAITING = /^"sleep"|^"stat", "-c", "%s", "log"$/;

/** Reads the trace of a client whose host is this machine. */
export function spawnedByHost(file: string): Spawned {
  const trace = parseTrace(readFileSync(file, "utf8"));
  const client = clientProcesses(trace);
  const execs = trace.execs.filter(({ pid }) => !client.has(pid));
  const times = new Map<string, number>();
  for (const { words } of execs) {
    const name = /^"(?:[^"]*\/)?([^"/]*)"/.exec(words)?.[1] ?? words;
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  return {
    forks: trace.children.filter(
      ({ child, parent, thread }) => !thread && !(client.has(child) && client.has(parent)),
    ).length,
    waiting: execs.filter(({ words }) => WAITING.test(words)).length,
    programs: [...times].sort(([, a], [, b]) => b - a),
  };
}

/** The client with its threads and all its children but host programs. A child's number in a namespace of its own is the host's. */
function clientProcesses({ root, children, execs }: Trace): Set<string> {
  const programs = new Set(execs.filter(({ words }) => HOST_PROGRAM.test(words)).map(({ pid }) => pid));
  const client = new Set([root]);
  for (let before = 0; before < client.size; ) {
    before = client.size;
    for (const { parent, child } of children)
      if (client.has(parent) && !programs.has(child)) client.add(child);
  }
  return client;
}

function parseTrace(text: string): Trace {
  const begun = new Map<string, string>();
  const children: Trace["children"][number][] = [];
  const execs: Trace["execs"][number][] = [];
  let root = "";
  for (const line of text.split("\n")) {
    const [, pid = "", said = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (root === "") root = pid;
    const cut = /^(.*) <unfinished \.\.\.>$/.exec(said);
    if (cut !== null) begun.set(pid, cut[1] ?? "");
    else {
      const rest = /^<\.\.\. \w+ resumed>(.*)$/.exec(said);
      const call = rest === null ? said : `${begun.get(pid) ?? ""}${rest[1]}`;
      const child = /^(?:clone3?|v?fork)\(.* = (\d+)$/.exec(call)?.[1];
      if (child !== undefined) children.push({ parent: pid, child, thread: call.includes("CLONE_THREAD") });
      const words = /^execve\("[^"]*", \[(.*?)\](?:\.\.\.)?, .*\) += 0$/.exec(call)?.[1];
      if (words !== undefined) execs.push({ pid, words });
    }
  }
  return { root, children, execs };
}
