import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../bundle.ts";

const PREFIX = "dist-test-";

/** A directory of this process right below ROOT, where its files find ROOT's packages. It goes when we exit. */
export function ownDirectory(name: string): string {
  sweep();
  const directory = join(ROOT, `${PREFIX}${process.pid}-${name}`);
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Removes the directories of processes that were killed. */
function sweep(): void {
  for (const name of readdirSync(ROOT).filter((name) => name.startsWith(PREFIX)))
    if (!isAlive(Number.parseInt(name.slice(PREFIX.length), 10)))
      rmSync(join(ROOT, name), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
