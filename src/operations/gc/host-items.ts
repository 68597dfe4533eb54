import { InfraError } from "../../core/errors.ts";
import { documentBytes } from "../../remote/channel.ts";
import type { HostSession } from "../../remote/session.ts";
import { type Item, MIN_AGE_MS } from "./plan.ts";

/** What lies in a host's work dir. */
export async function itemsOnHost(session: HostSession): Promise<Item[]> {
  const channel = await session.connection.open("gc", params(session, "no"));
  const items: Item[] = [];
  for await (const { type, body } of channel.frames())
    if (type === "items") items.push(...parseItems(body.toString("utf8")));
  return items;
}

/** Removes items that nobody uses when their turn comes; gives `KIND/NAME why` of those that stayed. */
export async function removeOnHost(items: readonly Item[], session: HostSession): Promise<string[]> {
  const channel = await session.connection.open("gc", params(session, "yes"));
  await channel.write(documentBytes(items.map(({ kind, name }) => `${kind}/${name}\n`).join("")));
  const kept: string[] = [];
  for await (const { type, body } of channel.frames()) if (type === "kept") kept.push(body.toString("utf8"));
  return kept;
}

function params({ facts }: HostSession, remove: "yes" | "no"): Record<string, string> {
  return { work_dir: facts.workDir, remove, min_age_s: String(MIN_AGE_MS / 1000) };
}

/** Lines of path, KiB, seconds since the last use, flags. InfraError("host"). */
export function parseItems(text: string): Item[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(parseItem);
}

function parseItem(line: string): Item {
  const [path = "", kib = "", age = "", flags = ""] = line.split(" ");
  const [kind = "", name = ""] = path.split("/");
  if (name === "" || !/^\d+$/.test(kib) || !/^-?\d+$/.test(age))
    throw new InfraError("host", `the host's list of what it has cannot be read: ${JSON.stringify(line)}`, {
      hint: "look into the work dir there: it holds something that pikaci did not put there",
    });
  const has = (flag: string) => flags.split(",").includes(flag);
  return {
    ...{ kind, name, bytes: Number(kib) * 1024, ageMs: Math.max(0, Number(age) * 1000) },
    ...{ held: has("held"), pinned: has("pinned"), failed: has("failed"), uncollected: has("uncollected") },
    ...(has("kept") ? { kept: true } : {}),
  };
}
