import type { JobSpec } from "../core/job.ts";
import type { CacheUse } from "../core/job-result.ts";
import { cacheUseSchema } from "../core/job-result.ts";
import type { MachineShape } from "../core/machine-shape.ts";
import type { ProgramParams } from "../remote/program-types.ts";

/**
 * The directory below a host's `cache/` for a job's cache: nothing is shared between projects, nor between backends and
 * accounts of the guest, whose files another could not change.
 */
export function cacheScope(
  projectId: string,
  cache: string,
  { backend }: Pick<MachineShape, "backend">,
  user: JobSpec["user"],
): string {
  return [projectId, cache, user === "root" ? `${backend}-root` : backend].join("@");
}

/** The guard's parameters for a job's caches; none, for a job without. */
export function cacheParams(
  projectId: string,
  { caches = [], saveCaches = true, user }: Pick<JobSpec, "caches" | "saveCaches" | "user">,
  shape: Pick<MachineShape, "backend">,
): Pick<ProgramParams["guard"], "caches" | "save_caches"> {
  if (caches.length === 0) return {};
  const lines = caches.map((cache) => `${cache}=${cacheScope(projectId, cache, shape, user)}`);
  return { caches: lines.join("\n"), save_caches: saveCaches };
}

/** `cache NAME VIEW TURN` of the guard's phases; null for any other line. */
export function parseCacheLine(
  line: string,
): { readonly cache: string; readonly use: Pick<CacheUse, "view" | "turn"> } | null {
  const [word, cache = "", view, turn] = line.split(" ");
  if (word !== "cache") return null;
  const use = cacheUseSchema.pick({ view: true, turn: true }).safeParse({ view, turn });
  return use.success ? { cache, use: use.data } : null;
}
