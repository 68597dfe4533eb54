import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** How often the processes are looked at, in milliseconds. */
const EVERY = 2;

/** The most memory in MB that a program and all that it starts have at one time: resident, pages that several share counted for each. */
export async function peakMemory(argv: readonly string[]): Promise<number> {
  const [program = "", ...words] = argv;
  const child = spawn(program, words, { stdio: "ignore" });
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentOf(child.pid ?? 0));
  }, EVERY);
  try {
    await new Promise((resolve, reject) => child.once("close", resolve).once("error", reject));
  } finally {
    clearInterval(timer);
  }
  return Math.round(peak / 2 ** 20);
}

const PAGE = 4096;

/** Bytes of a process and its descendants; none once it has ended. */
function residentOf(pid: number): number {
  const [, pages = "0"] = read(`/proc/${pid}/statm`).split(" ");
  const children = read(`/proc/${pid}/task/${pid}/children`)
    .split(" ")
    .filter((word) => word !== "");
  return Number(pages) * PAGE + children.reduce((sum, one) => sum + residentOf(Number(one)), 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended
  }
}
