import { join } from "node:path";
import type { Context } from "../core/context.ts";
import { TreeChanged } from "../core/errors.ts";
import type { StorePath } from "../core/ids.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import { workspaceOf } from "../core/workspace-of.ts";
import { makeDirectory, removeTree, touchLink } from "../system/client-files.ts";
import { copyTree } from "../tree/copy-tree.ts";
import { addToStore, isInClientStore, nixVersion, readRoot, rootHere } from "./client.ts";
import { hashPath } from "./hash-path.ts";
import { subdirStyle } from "./outputs.ts";
import { sourcesDirectory, stageName, sweepSources } from "./source-stages.ts";

/** A flake of a source in this machine's store, as this machine's Nix takes it. InfraError. */
export async function flakeIn(source: StorePath, dir: string, context: Context): Promise<string> {
  if (dir === "") return `path:${source}`;
  const style = subdirStyle(await nixVersion(context));
  return style === "query" ? `path:${source}?dir=${dir}` : `path:${source}/${dir}`;
}

/**
 * The snapshot's files as a store path of this machine, rooted in the cache; they are hashed again, as they may have
 * changed. TreeChanged, InfraError.
 */
export async function sourceInStore(selected: HashedSnapshot, context: Context): Promise<StorePath> {
  sweepSources(context.memory);
  const sources = sourcesDirectory(context.memory);
  const link = join(sources, selected.contentHash);
  const known = readRoot(link);
  if (known !== null && (await isInClientStore(known, context))) {
    touchLink(link, context.clock());
    return known;
  }
  const stage = join(sources, stageName(selected.contentHash));
  removeTree(stage);
  makeDirectory(stage);
  try {
    copyTree(workspaceOf(selected.snapshot), selected.entries, stage);
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
