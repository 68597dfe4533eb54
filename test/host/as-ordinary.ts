import { execFileSync, spawnSync } from "node:child_process";

/** Runs a program in a directory as its owner, an account without rights over others' files: root gives it away first. */
export function asOrdinary(
  dir: string,
  argv: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) execFileSync("chown", ["-hR", "65534:65534", dir]);
  const words = isRoot
    ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", ...argv]
    : [...argv];
  const [program = "", ...args] = words;
  return spawnSync(program, args, { cwd: dir, encoding: "utf8", env: { PATH: process.env.PATH, HOME: dir } });
}
