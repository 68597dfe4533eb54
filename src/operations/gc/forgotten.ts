import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../../core/context.ts";
import { InfraError } from "../../core/errors.ts";
import { changedAt, listDirectory, removeTree } from "../../system/client-files.ts";
import { cachedWorkspace, cachesDirectory } from "../../system/client-memory.ts";
import { codeOf } from "../../system/error-code.ts";
import { type Decision, NOT_KEPT } from "./plan.ts";
import { treeBytes } from "./tree-bytes.ts";

/** After this long, in milliseconds, a cache that does not say whose it is was left by a killed client. */
const STALE_MS = 86_400_000;

/** A directory that nothing needs any more. */
interface Forgotten {
  readonly kind: "caches" | "old-cache";
  readonly name: string;
  readonly path: string;
  readonly why: string;
}

type Place = Pick<Context, "stateDir" | "env" | "clock">;

/** Caches whose workspace is gone, and an older pikaci's cache in the tree: removed under every policy. */
export function forgotten(context: Place): Decision[] {
  return find(context).map(({ kind, name, path, why }) => ({
    item: { ...NOT_KEPT, kind, name, bytes: treeBytes(path), ageMs: 0 },
    remove: true,
    why,
  }));
}

/** Removes them; GC roots among them are links, which are not followed. InfraError("client"). */
export function removeForgotten(context: Place): void {
  for (const { path } of find(context)) removeTree(path);
}

function find(context: Place): Forgotten[] {
  const old = join(context.stateDir, "cache");
  const why = "remembered by an older pikaci, and ignored";
  return [
    ...(isThere(old) === "gone" ? [] : [{ kind: "old-cache", name: "cache", path: old, why } as const]),
    ...goneWorkspaces(context),
  ];
}

function goneWorkspaces({ env, clock }: Place): Forgotten[] {
  const caches = ownCaches(env);
  if (caches === null) return [];
  return listDirectory(caches)
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .map((name) => ({ kind: "caches" as const, name, path: join(caches, name) }))
    .flatMap((cache) => {
      const why = whyGone(cache.path, clock());
      return why === null ? [] : [{ ...cache, why }];
    });
}

function whyGone(directory: string, now: Date): string | null {
  const workspace = cachedWorkspace(directory);
  if (workspace !== null)
    return isThere(workspace) === "gone" ? `its workspace ${workspace.toString()} is gone` : null;
  const age = now.getTime() - (changedAt(directory)?.getTime() ?? now.getTime());
  return age > STALE_MS ? "it does not say which workspace it belongs to" : null;
}

/** Counts as existing what cannot be looked at. */
function isThere(path: string | Buffer): "gone" | "maybe" {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined ? "gone" : "maybe";
  } catch (error) {
    return codeOf(error) === "ENOTDIR" ? "gone" : "maybe";
  }
}

function ownCaches(env: Context["env"]): string | null {
  try {
    return cachesDirectory(env);
  } catch (error) {
    if (error instanceof InfraError) return null;
    throw error;
  }
}
