import { readdirSync, readFileSync } from "node:fs";
import { quietLimit } from "./quiet-clock.ts";

const VARIABLE = "PIKACI_TEST_MARK";
const POLL_MS = 50;
const DYING_SECONDS = 2;

/** The environment that marks a process and whatever it starts; marks of an outer run stay on it. */
export const markWith = (mark: string): NodeJS.ProcessEnv => ({
  ...process.env,
  [VARIABLE]: `${process.env[VARIABLE] ?? ""} ${mark}`,
});

interface Marked {
  readonly pid: number;
  readonly args: string;
}

/** Waits for marked processes to end; those still there after `grace` seconds of a quiet machine are killed by id and returned. */
export async function endMarked(mark: string, grace: number): Promise<string[]> {
  await waitUntilGone(mark, grace);
  const killed = killMarked(mark);
  await waitUntilGone(mark, DYING_SECONDS);
  return killed;
}

async function waitUntilGone(mark: string, seconds: number): Promise<void> {
  const isOver = quietLimit(seconds);
  while (findMarked(mark).length > 0 && !isOver()) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** An interrupt or a TERM of this process ends marked ones, too: they are in process groups of their own. */
export function endWithSignals(mark: string): void {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.on(signal, () => {
      killMarked(mark);
      process.exit(code);
    });
  }
}

/** Kills marked processes by id; gives their command lines. */
export function killMarked(mark: string): string[] {
  const left = findMarked(mark);
  for (const { pid } of left) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return left.map(({ args }) => args);
}

/** Processes with a mark that contains `mark`; none where there is no /proc. */
function findMarked(mark: string): Marked[] {
  return readNames("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    const environ = readText(`/proc/${name}/environ`).split("\0");
    if (!environ.some((entry) => entry.startsWith(`${VARIABLE}=`) && entry.includes(mark))) return [];
    return [{ pid: Number(name), args: readText(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim() }];
  });
}

function readNames(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
