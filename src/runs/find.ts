import { UsageError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";

const SHOWN = 8;

/** The run that `wanted` means among sorted ids: an id, an unambiguous prefix, or `latest`. UsageError. */
export function findRun(ids: readonly RunId[], wanted: string): RunId {
  const latest = ids.at(-1);
  if (latest === undefined)
    throw new UsageError("there is no run in this workspace", { hint: "`pikaci run` makes one" });
  if (wanted === "latest") return latest;
  const [only, ...others] = ids.filter((id) => id.startsWith(wanted));
  if (only === undefined || wanted === "")
    throw new UsageError(`no run starts with ${JSON.stringify(wanted)}`, {
      hint: `\`pikaci list\` shows the runs; the latest are ${ids.slice(-3).reverse().join(", ")}`,
    });
  if (others.length === 0) return only;
  const candidates = [only, ...others].slice(-SHOWN).reverse();
  const more = others.length + 1 - candidates.length;
  throw new UsageError(`${others.length + 1} runs start with ${JSON.stringify(wanted)}`, {
    hint: `write more of the id: ${candidates.join(", ")}${more > 0 ? ` and ${more} older` : ""}`,
  });
}
