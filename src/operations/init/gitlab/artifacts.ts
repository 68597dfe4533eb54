import { posixQuote } from "../../../system/quote.ts";
import { plainPath } from "../ci/plain-path.ts";
import { isMapping } from "./merge.ts";
import type { GitlabJob } from "./schema.ts";

/** What a job leaves for those after it. */
interface Left {
  /** Files and directories, where it is certain which. */
  readonly paths: readonly string[];
  readonly notes: readonly string[];
}

/** Paths that are taken on success; patterns, reports and what is kept of a failure are for people to write. */
export function leftBy({ artifacts }: GitlabJob): Left {
  if (artifacts === undefined) return { paths: [], notes: [] };
  const { paths = [], when = "on_success", ...more } = isMapping(artifacts) ? artifacts : {};
  const all = [paths].flat().map(String);
  const plain = all.flatMap((path) => plainPath(path) ?? []);
  const isWhole = when === "on_success" && more["exclude"] === undefined && plain.length === all.length;
  const lost = [...(isWhole ? [] : all), ...(more["reports"] === undefined ? [] : ["its reports"])];
  return {
    paths: isWhole ? plain : [],
    notes: lost.length === 0 ? [] : [`its artifacts are not taken: write ${lost.join(", ")} to /artifacts`],
  };
}

/** Lines that put them where later jobs look, at their own paths; nothing where there is nothing, as there. */
export function linesToLeave(paths: readonly string[]): string[] {
  const lines = paths.map((path) => {
    const [, directory = ""] = /^(.*)\/[^/]*$/.exec(path) ?? [];
    const to = directory === "" ? "/artifacts" : `/artifacts/${directory}`;
    return `if [ -e ${path} ]; then mkdir -p ${to}; cp -R ${path} ${to}; fi`;
  });
  return lines.length === 0 ? [] : ["cd /workspace", ...lines];
}

/** The line that puts what a job left into the workspace; of one that is many, what each of them left. */
export function lineToRead(job: string, isMany: boolean): string {
  if (!isMany) return `cp -R /needs/${job}/. .`;
  return `for left in ${posixQuote(`/needs/${job} (`)}*; do cp -R "$left/." .; done`;
}
