import { rmSync } from "node:fs";
import { basename, isAbsolute, join, relative, resolve } from "node:path";
import type { Context } from "../core/context.ts";
import { ConfigError, SnapshotRefused } from "../core/errors.ts";
import type { StorePath } from "../core/ids.ts";
import { defaultExclude } from "../core/left-out.ts";
import type { PrepareSpec } from "../core/prepared.ts";
import { workspaceOf } from "../core/workspace-of.ts";
import { makeStaging } from "../system/staging.ts";
import { copyTree } from "../tree/copy-tree.ts";
import { addToStore, isInClientStore, storeName } from "./client.ts";
import { knownStorePath, rememberStorePath } from "./client-path-memory.ts";
import { confinedPath } from "./confine.ts";
import { type HashedPath, hashPath } from "./hash-path.ts";
import { narHash, storePathOf } from "./nar.ts";

/** A path of the client by content, and the store path that its content has in every store. */
export interface ClientPath {
  readonly hashed: HashedPath;
  readonly storePath: StorePath;
}

type PathSpec = Extract<PrepareSpec, { readonly kind: "path" }>;

/**
 * Hashes a path (relative ones lie inside the workspace) and finds its store path: remembered by content, else computed.
 * Needs no Nix. ConfigError, SnapshotRefused, InfraError.
 */
export async function clientPath(
  workspace: string,
  { path, confined = false, exclude = defaultExclude(path) }: PathSpec,
  context: Context,
): Promise<ClientPath> {
  const place = confined ? confinedPath(workspace, path) : insideWorkspace(workspace, path);
  const hashed = await hashPath(place, context, { exclude });
  const name = storeName(basename(hashed.realPath));
  const known = knownStorePath(hashed, name, context);
  if (known !== null) return { hashed, storePath: known };
  const { snapshot, entries } = hashed.hashed;
  const nar = await narHash(workspaceOf(snapshot), entries, hashed.kind === "file", context.signal);
  const storePath = storePathOf(nar, name);
  rememberStorePath(hashed, name, storePath, context);
  return { hashed, storePath };
}

/** Makes sure that this machine's store has it; SnapshotRefused when the path has changed since. */
export async function inClientStore({ hashed, storePath }: ClientPath, context: Context): Promise<void> {
  if (await isInClientStore(storePath, context)) return;
  const added = await addPath(hashed, storeName(basename(hashed.realPath)), context);
  if (added !== storePath) throw changed(hashed.realPath);
}

/** An absolute path is taken as it is: the configuration names it in full. */
function insideWorkspace(workspace: string, path: string): string {
  const absolute = resolve(workspace, path);
  const inside = relative(workspace, absolute);
  if (isAbsolute(path) || (inside !== ".." && !inside.startsWith("../"))) return absolute;
  throw new ConfigError(`a prepared path leaves the workspace: ${JSON.stringify(path)}`, {
    hint: "name a path inside the workspace, or write it as an absolute path",
  });
}

/** Nix takes a directory whole: without what is left out, it is a copy that is added. */
async function addPath({ realPath, hashed }: HashedPath, name: string, context: Context): Promise<StorePath> {
  if (hashed.snapshot.leftOut.length === 0) return addToStore(realPath, name, context);
  const { directory } = context.memory;
  const stage = makeStaging(directory === null ? null : join(directory, "client-paths"), context.clock());
  try {
    copyTree(realPath, hashed.entries, stage);
    return await addToStore(stage, name, context);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function changed(path: string): SnapshotRefused {
  return new SnapshotRefused(`${JSON.stringify(path)} changed while it was added to the Nix store`, {
    hint: "run the command again once nothing writes there",
  });
}
