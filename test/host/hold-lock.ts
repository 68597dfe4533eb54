import { spawn } from "node:child_process";
import { once } from "node:events";

/** Takes locks of a work dir, the first words of `flock` for each; gives what lets go of them. */
export async function holdLock(
  workDir: string,
  ...locks: readonly (readonly string[])[]
): Promise<() => Promise<void>> {
  const words = [...locks.flatMap((lock) => ["flock", ...lock]), "sh", "-c", "echo held; exec cat"];
  const [program = "", ...args] = words;
  const holder = spawn(program, args, { cwd: workDir, stdio: ["pipe", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  return async () => {
    const ended = once(holder, "close");
    holder.stdout.resume();
    holder.stdin.end();
    await ended;
  };
}
