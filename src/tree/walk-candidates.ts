import { type BytePath, joinPaths, ROOT } from "../core/byte-path.ts";
import type { Context } from "../core/context.ts";
import type { LeftOut } from "../core/snapshot.ts";
import { type Candidates, noSource } from "./candidates.ts";
import type { Rule } from "./filters.ts";
import { lookAll } from "./looking/look.ts";
import { children } from "./walk.ts";

/** Everything below a directory outside git work trees; directories that `rule` leaves out are not entered. */
export async function walkCandidates(root: string, rule: Rule, context: Context): Promise<Candidates> {
  const files: BytePath[] = [];
  const emptyDirectories: BytePath[] = [];
  const specials: BytePath[] = [];
  const leftOut: LeftOut[] = [];

  /** Whether anything below the directory counts. */
  const walk = (directory: BytePath): boolean => {
    const before = files.length + emptyDirectories.length + specials.length;
    for (const { path, kind } of children(root, directory)) {
      const why = rule(path);
      if (why !== null)
        leftOut.push({ path: kind === "directory" ? joinPaths(path, ROOT) : path, rule: why });
      else if (kind === "file") files.push(path);
      else if (kind === "special") specials.push(path);
      else if (!walk(path)) emptyDirectories.push(path);
    }
    return files.length + emptyDirectories.length + specials.length > before;
  };

  walk(ROOT);
  const look = await lookAll(root, [...files, ...emptyDirectories, ...specials], context);
  return {
    found: look(() => true),
    emptyDirectories,
    leftOut,
    keepModes: false,
    source: noSource,
    evidence: null,
  };
}
