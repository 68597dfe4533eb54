import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, isAbsolute, join, relative, resolve } from "node:path";
import { z } from "zod";
import type { Context } from "../core/context.ts";
import { ConfigError, SnapshotRefused } from "../core/errors.ts";
import { parseStorePath, type StorePath } from "../core/ids.ts";
import { defaultExclude } from "../core/left-out.ts";
import type { PrepareSpec } from "../core/prepared.ts";
import { readJson, writeJson } from "../system/client-files.ts";
import { copyTree } from "../tree/copy-tree.ts";
import { addToStore, isInClientStore, storeName } from "./client.ts";
import { confinedPath } from "./confine.ts";
import { type HashedPath, hashPath } from "./hash-path.ts";

/** A path of the client by content, and the store path that its content has in every store. */
export interface ClientPath {
  readonly hashed: HashedPath;
  readonly storePath: StorePath;
}

const cacheSchema = z.object({ schema_version: z.literal(1), paths: z.record(z.string(), z.string()) });
const cacheLimit = 100;
const FILE = "client-paths.json";

type PathSpec = Extract<PrepareSpec, { readonly kind: "path" }>;

/**
 * Hashes a path (relative ones lie inside the workspace) and finds its store path: from the cache, which knows it
 * by content, else by adding it to the client's store. ConfigError, SnapshotRefused, InfraError.
 */
export async function clientPath(
  workspace: string,
  { path, confined = false, exclude = defaultExclude(path) }: PathSpec,
  context: Context,
): Promise<ClientPath> {
  const place = confined ? confinedPath(workspace, path) : insideWorkspace(workspace, path);
  const hashed = await hashPath(place, context, { exclude });
  const name = storeName(basename(hashed.realPath));
  const identity = `${hashed.kind}:${hashed.hashed.contentHash}:${name}`;
  const known = readCache(context).get(identity);
  if (known !== undefined) return { hashed, storePath: parseStorePath(known) };
  const storePath = await addUnchanged(hashed, name, context);
  writeCache(new Map([...readCache(context), [identity, storePath]]), context);
  return { hashed, storePath };
}

/** Makes sure that the client's store has it; SnapshotRefused when the path has changed since. */
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

/** The store's copy is hashed again, so that the cache never binds a content hash to other content. */
async function addUnchanged(before: HashedPath, name: string, context: Context): Promise<StorePath> {
  const storePath = await addPath(before, name, context);
  const after = await hashPath(storePath, context, { cache: "none" });
  if (contentOf(before) !== contentOf(after)) throw changed(before.realPath);
  return storePath;
}

/** Nix takes a directory whole: without what is left out, it is a copy that is added. */
async function addPath({ realPath, hashed }: HashedPath, name: string, context: Context): Promise<StorePath> {
  if (hashed.snapshot.leftOut.length === 0) return addToStore(realPath, name, context);
  const stage = mkdtempSync(join(tmpdir(), "pikaci-path-"));
  try {
    copyTree(realPath, hashed.entries, stage);
    return await addToStore(stage, name, context);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** A single file's content hash covers its name, which is another one in the store. */
function contentOf({ kind, hashed }: HashedPath): string {
  const [entry] = hashed.entries;
  return kind === "directory" ? hashed.contentHash : `${entry?.type} ${entry?.digest}`;
}

function changed(path: string): SnapshotRefused {
  return new SnapshotRefused(`${JSON.stringify(path)} changed while it was added to the Nix store`, {
    hint: "run the command again once nothing writes there",
  });
}

/** What cannot be read is an empty cache. */
function readCache({ memory: { directory } }: Context): Map<string, string> {
  if (directory === null) return new Map();
  try {
    return new Map(Object.entries(cacheSchema.parse(readJson(join(directory, FILE))).paths));
  } catch {
    return new Map();
  }
}

function writeCache(paths: Map<string, string>, { memory: { directory } }: Context): void {
  if (directory === null) return;
  const newest = Object.fromEntries([...paths].slice(-cacheLimit));
  writeJson(join(directory, FILE), { schema_version: 1, paths: newest });
}
