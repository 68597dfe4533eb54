import { setTimeout as sleep } from "node:timers/promises";
import type { LabHost } from "./host.ts";

/** Does `action` while looking at every command line of a host for `text`; then at what it wrote. Where it was seen. */
export async function sightings(
  host: LabHost,
  text: string,
  action: () => Promise<unknown>,
): Promise<string[]> {
  const seen = new Set<string>();
  let over = false;
  const watch = (async () => {
    while (!over) {
      for (const { args } of await host.processes()) if (args.includes(text)) seen.add(`process: ${args}`);
      await sleep(50);
    }
  })();
  try {
    await action();
  } finally {
    over = true;
    await watch;
  }
  const { stdout } = await host.exec(
    `grep -rlF "${text}" ${host.homeDir}/.local/state/pikaci /tmp /run /var/log`,
  );
  return [...seen, ...stdout.split("\n").filter((line) => line !== "")];
}
