import type { Context } from "../../core/context.ts";
import { InfraError } from "../../core/errors.ts";
import { quoted } from "../../core/quoted.ts";
import { documentBytes } from "../../remote/channel.ts";
import { ask, converse, framesToEnd } from "../../remote/program.ts";
import type { HostSession } from "../../remote/session.ts";
import { type Item, MIN_AGE_MS } from "./plan.ts";

/** The items in a host's work dir. */
export async function itemsOnHost({ connection, facts }: HostSession, context: Context): Promise<Item[]> {
  const params = { work_dir: facts.workDir, remove: false, min_age_s: MIN_AGE_S };
  const frames = await ask(connection, { program: "gc", params }, context);
  return frames
    .filter(({ type }) => type === "items")
    .flatMap(({ body }) => parseItems(body.toString("utf8")));
}

/** Removes items that are still unused when their turn comes; returns `KIND/NAME why` of those that stayed. */
export async function removeOnHost(
  items: readonly Item[],
  { connection, facts }: HostSession,
  context: Context,
): Promise<string[]> {
  const params = { work_dir: facts.workDir, remove: true, min_age_s: MIN_AGE_S };
  const list = items.map(({ kind, name }) => `${kind}/${name}\n`).join("");
  const frames = await converse(connection, { program: "gc", params }, context, async (channel) => {
    await channel.write(documentBytes(list));
    return framesToEnd(channel);
  });
  return frames.filter(({ type }) => type === "kept").map(({ body }) => body.toString("utf8"));
}

const MIN_AGE_S = MIN_AGE_MS / 1000;

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
    throw new InfraError("host", `the host's list of what it has cannot be read: ${quoted(line)}`, {
      hint: "look into the work dir there: it holds something that pikaci did not put there",
    });
  const has = (flag: string) => flags.split(",").includes(flag);
  return {
    kind,
    name,
    bytes: Number(kib) * 1024,
    ageMs: Math.max(0, Number(age) * 1000),
    held: has("held"),
    pinned: has("pinned"),
    failed: has("failed"),
    uncollected: has("uncollected"),
    ...(has("kept") ? { kept: true } : {}),
    ...(has("outdated") ? { outdated: true } : {}),
  };
}
