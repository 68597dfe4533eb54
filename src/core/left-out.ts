import { posix } from "node:path";

/** Caches that tools write at the top of a `node_modules` when they run. */
const WRITTEN_BY_TOOLS = "{.vite,.vite-temp,.cache}";

/** Globs below a prepared path of what is left out of it unless the configuration says otherwise. */
export function defaultExclude(path: string): string[] {
  const below = `**/node_modules/${WRITTEN_BY_TOOLS}`;
  return posix.basename(path) === "node_modules" ? [WRITTEN_BY_TOOLS, below] : [below];
}
