import { join } from "node:path";
import type { Context } from "../core/context.ts";
import type { RunId, StorePath } from "../core/ids.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import { makeDirectory } from "../system/client-files.ts";
import { flakeIn, sourceInStore } from "./client-source.ts";
import type { Installable } from "./installable.ts";
import { realiseHere } from "./realise-here.ts";

/**
 * Builds a flake output on this machine from the snapshot, as the host would: the same derivation at both ends. Rooted
 * for as long as the run's record is there. BuildFailed, ConfigError, InfraError, TreeChanged.
 */
export async function realiseLocally(
  installable: Installable,
  selected: HashedSnapshot,
  { runId, name, words }: { readonly runId: RunId; readonly name: string; readonly words: readonly string[] },
  context: Context,
): Promise<StorePath> {
  const source = await sourceInStore(selected, context);
  const roots = join(context.stateDir, "runs", runId, "prepared");
  makeDirectory(roots);
  const flake = await flakeIn(source, installable.dir, context);
  return realiseHere(`${flake}#${installable.attr}`, join(roots, name), words, context);
}
