import { setTimeout as sleep } from "node:timers/promises";
import type { LabHost } from "./host.ts";

/** What is watched: a host of the lab, or this machine. */
export type Watched = Pick<LabHost, "exec" | "processes" | "homeDir">;

/**
 * Does `action` while looking at every command line of a host for `text`, and at all that lies in its work dir; then also
 * at `places`. Lets a job that prints it (`PRINT_SECRET`) go once its log was looked at. Where it was seen.
 */
export async function sightings(
  host: Watched,
  text: string,
  action: () => Promise<unknown>,
  places: readonly string[] = ["/tmp", "/run", "/var/log"],
): Promise<string[]> {
  const seen = new Set<string>();
  let over = false;
  const watch = (async () => {
    while (!over) {
      for (const { args } of await host.processes()) if (args.includes(text)) seen.add(`process: ${args}`);
      for (const line of await filesWith(host, text)) seen.add(line);
      await sleep(50);
    }
  })();
  try {
    await action();
  } finally {
    over = true;
    await watch;
  }
  const { stdout } = await host.exec(`grep -rl -e "${unseen(text)}" ${places.join(" ")}`);
  return [...seen, ...(await filesWith(host, text)), ...stdout.split("\n").filter((line) => line !== "")];
}

/** A pattern for `text` that is not found in the command line of the one who looks. */
const unseen = (text: string) => `[${text.slice(0, 1)}]${text.slice(1)}`;

/** Files of the work dir that hold `text`. Who has printed it is known before they are read, and let go after that. */
async function filesWith({ exec, homeDir }: Watched, text: string): Promise<string[]> {
  const { stdout } = await exec(`cd ${homeDir}/.local/state/pikaci 2>/dev/null || exit 0
    printed=$(grep -lx printed runs/*/jobs/*/log 2>/dev/null)
    find . -xdev -type f -size -20000k -exec grep -ls -e "${unseen(text)}" {} + 2>/dev/null
    for log in $printed; do touch "\${log%/log}/artifacts/seen" 2>/dev/null; done`);
  return stdout.split("\n").filter((line) => line !== "");
}
