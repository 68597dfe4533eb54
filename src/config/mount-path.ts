import { posix } from "node:path";

/** What is wrong with a place in the workspace to mount something at; null when nothing is. */
export function mountPathProblem(place: string): string | null {
  if (/\p{Cc}/u.test(place)) return "must not hold control characters";
  if (place.startsWith("/")) return "must be relative to /workspace";
  const steps = place.split("/");
  if (steps.includes("..")) return "must not hold `..`";
  if (steps.some((step) => step.toLowerCase() === ".git")) return "must not lie in `.git`";
  return cleanMountPath(place) === "." ? "must be a path below /workspace, not all of it" : null;
}

/** `./a//b/` as `a/b`. */
export function cleanMountPath(place: string): string {
  return posix.normalize(place).replace(/(?<=.)\/+$/, "");
}
