import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LabHost } from "../../../test/lab/lab.ts";
import { startedOnHost } from "../../../test/lab/leftovers.ts";
import type { HostProcess } from "../../../test/lab/processes.ts";

export interface Measured {
  /** When it began: milliseconds since the epoch. */
  readonly began: number;
  /** Milliseconds until the command has exited, and until nothing that it started runs here or on the host. */
  readonly exit: number;
  readonly all: number;
}

/** In the environment of what is measured, to see when all of it has ended; another bench beside this one has its own. */
const MARK = { PIKACI_BENCH_ROW: String(process.pid) };
const MARK_WORDS = `PIKACI_BENCH_ROW=${process.pid}\0`;

/** Process ids of what runs on the host all the time. */
export async function idleOn(host: LabHost): Promise<ReadonlySet<number>> {
  return new Set((await startedOnHost(host)).map(({ pid }) => pid));
}

/** Runs a command to the end of all that it started. Throws when it fails. */
export async function untilEnded(
  words: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  { host, idle }: { readonly host: LabHost; readonly idle: ReadonlySet<number> },
): Promise<Measured> {
  const [program = "", ...args] = words;
  const [began, started] = [Date.now(), performance.now()];
  const env = { ...options.env, ...MARK };
  const child = spawn(program, args, { ...options, env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (part: Buffer) => {
    said += part.toString();
  });
  const [code] = await once(child, "exit");
  const exit = performance.now() - started;
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}: ${said}`);
  while (runsHere() || (await startedOnHost(host)).some((one) => !idle.has(one.pid) && !isAhead(host, one)))
    await sleep(5);
  return { began, exit, all: performance.now() - started };
}

/** Waits until no copy of a snapshot is being made ahead; not at its low priority, with which a busy machine might never end it. */
export async function untilCopied(host: LabHost): Promise<void> {
  for (;;) {
    const makers = (await startedOnHost(host)).filter((one) => isAhead(host, one));
    if (makers.length === 0) return;
    await host.exec(`renice -n 0 -p ${makers.map(({ pid }) => pid).join(" ")}`);
    await sleep(200);
  }
}

/** Whether a process makes such a copy: at the lowest priority, with nobody waiting for it. Its time is told on its own. */
function isAhead({ rootDir, homeDir }: LabHost, { pid, args }: HostProcess): boolean {
  if (args === "sleep 1" || /^(cp -al|sync -f|rm -rf|flock -n)\b.*\/(ahead-|gone\.)/.test(args)) return true;
  const makers = readdirSync(join(rootDir, homeDir)).map((name) =>
    join(rootDir, homeDir, name, "locks/ahead"),
  );
  return makers.some((file) => existsSync(file) && Number(readFileSync(file, "utf8").split(" ")[0]) === pid);
}

function runsHere(): boolean {
  return readdirSync("/proc").some((pid) => /^\d+$/.test(pid) && isMarked(pid));
}

function isMarked(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").includes(MARK_WORDS);
  } catch {
    return false;
  }
}
