import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** What keeps a machine's processors busy until it is stopped. */
export interface Load {
  stop(): Promise<void>;
}

/** Debian's stress-ng. */
export const stressNg = (cpus: number): Load => started([["stress-ng", "--quiet", "--cpu", String(cpus)]]);

export const busyLoops = (count: number): Load =>
  started(Array.from({ length: count }, () => ["sh", "-c", "while :; do :; done"]));

/** It ends with this process, however that ends. */
function started(commands: readonly (readonly string[])[]): Load {
  const children = commands.map((words) =>
    spawn("setpriv", ["--pdeathsig", "TERM", ...words], { stdio: "inherit" }),
  );
  return {
    async stop() {
      await Promise.all(children.map(ended));
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null)
    throw new Error(`${child.spawnargs.join(" ")} ended by itself: there was less load than there had to be`);
  const end = once(child, "exit");
  child.kill("SIGTERM");
  await end;
}
