import type { CacheUse } from "../core/job-result.ts";

/** What people are told when a job begins. */
export function describeCache(cache: string, { view, turn }: Pick<CacheUse, "view" | "turn">): string {
  const what = view === "empty" ? "empty" : `a${view === "copy" ? " copy" : "n overlay"} of what was saved`;
  const why = {
    alone: "",
    shared: "; another job has it now, so nothing is saved",
    unsaved: "; this run saves nothing",
  };
  return `cache ${cache}: ${what}${why[turn]}`;
}
