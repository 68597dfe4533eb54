import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundle, ROOT } from "../bundle.ts";

const PREFIX = "dist-test-";

/** Bundles the command line for this process's tests, as it is shipped; gives its file. It goes when we exit. */
export async function buildClient(): Promise<string> {
  sweep();
  const out = join(ROOT, `${PREFIX}${process.pid}`);
  process.on("exit", () => rmSync(out, { recursive: true, force: true }));
  await bundle(out);
  return join(out, "cli.js");
}

/** Bundles whose process was killed. */
function sweep(): void {
  for (const name of readdirSync(ROOT).filter((name) => name.startsWith(PREFIX)))
    if (!isAlive(Number(name.slice(PREFIX.length))))
      rmSync(join(ROOT, name), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
