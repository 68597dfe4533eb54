import { join } from "node:path";
import type { Context } from "../context.ts";
import { TreeChanged } from "../errors.ts";
import type { RunId, StorePath } from "../ids.ts";
import type { Installable } from "../installable.ts";
import { makeDirectory, removeTree } from "../io/client-files.ts";
import { copyTree } from "../io/copy-tree.ts";
import { addToStore, isInClientStore, nixVersion, readRoot, realiseHere, rootHere } from "../io/nix.ts";
import type { HashedSnapshot } from "../model.ts";
import { subdirStyle } from "../prepared-outputs.ts";
import { hashPath } from "./hash-path.ts";

/**
 * Builds a flake output on this machine from the snapshot, as the host would: the same derivation at both ends. Rooted
 * for as long as the run's record is there. ConfigError, InfraError, TreeChanged.
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
  const reference = await referenceTo(source, installable, context);
  return realiseHere(reference, join(roots, name), words, context);
}

async function referenceTo(source: StorePath, { dir, attr }: Installable, context: Context): Promise<string> {
  if (dir === "") return `path:${source}#${attr}`;
  const style = subdirStyle(await nixVersion(context));
  return style === "query" ? `path:${source}?dir=${dir}#${attr}` : `path:${source}/${dir}#${attr}`;
}

/** The snapshot's files as a store path, rooted in the cache; they are hashed again, as they may have changed. */
async function sourceInStore(selected: HashedSnapshot, context: Context): Promise<StorePath> {
  const sources = join(context.stateDir, "cache", "sources");
  const link = join(sources, selected.contentHash);
  const known = readRoot(link);
  if (known !== null && (await isInClientStore(known, context))) return known;
  const stage = join(sources, `.${process.pid}-${selected.contentHash}`);
  removeTree(stage);
  makeDirectory(stage);
  try {
    copyTree(selected.snapshot.workspace, selected.entries, stage);
    const source = await addToStore(stage, "source", context);
    const { hashed } = await hashPath(source, context, { cache: "none" });
    if (hashed.contentHash !== selected.contentHash) throw changed();
    await rootHere(source, link, context);
    return source;
  } finally {
    removeTree(stage);
  }
}

function changed(): TreeChanged {
  return new TreeChanged("the workspace changed while its flake was built on this machine", {
    hint: "run the command again once nothing writes there",
  });
}
