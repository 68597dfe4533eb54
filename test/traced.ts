import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** Words that run a command so that its calls about disks and names are written to `file`, with the paths of descriptors. */
export function underStrace(file: string): string[] {
  const calls = "trace=fsync,fdatasync,syncfs,sync,rename,renameat,renameat2,link,linkat";
  return ["strace", "-f", "-qq", "-y", "-s", "4096", "-e", calls, "-e", "status=successful", "-o", file];
}

/** The calls in their order: `fsync PATH`, `syncfs PATH`, `rename NAME`: of what is renamed its new name alone. */
export function tracedCalls(file: string): string[] {
  return readFileSync(file, "utf8").split("\n").flatMap(parseCall);
}

function parseCall(line: string): string[] {
  const synced = /\b(fsync|fdatasync|syncfs)\(\d+<(.*)>\)/.exec(line);
  if (synced !== null) return [`${synced[1]} ${synced[2]}`];
  const named = /\b(?:rename|link)(?:at2?)?\(.*"([^"]*)"(?:, [A-Z_0-9|]+)?\)/.exec(line);
  if (named !== null) return [`rename ${basename(named[1] ?? "")}`];
  return /\bsync\(\)/.test(line) ? ["sync"] : [];
}

/** Runs a program under strace to its end, and gives its calls. */
export function callsOf(
  words: readonly string[],
  file: string,
  env: NodeJS.ProcessEnv = process.env,
): string[] {
  const [program = "", ...args] = [...underStrace(file), ...words];
  const { status, stderr } = spawnSync(program, args, { env, encoding: "utf8", timeout: 60_000 });
  if (status !== 0) throw new Error(`${words.join(" ")} ended with ${status}: ${stderr}`);
  return tracedCalls(file);
}
