import { posix } from "node:path";

/** Whether a relative path leads out of the workspace by `..`; an absolute one is meant as it is. */
export function leavesWorkspace(path: string): boolean {
  const normal = posix.normalize(path);
  return normal === ".." || normal.startsWith("../");
}
