import type { BytePath } from "../core/byte-path.ts";
import type { Context } from "../core/context.ts";
import { askGit, git, gitRefused, type WorkTree } from "../system/git.ts";
import { type IgnorePattern, parseIgnorePattern } from "./explanation.ts";
import { trackedArgs } from "./git/listing.ts";

/** What git knows about a path, in the innermost repository around it. */
export interface GitKnowledge {
  readonly tracked: boolean;
  /** Tracked, but left out by a sparse checkout. */
  readonly sparse: boolean;
  /** The pattern that ignores it, or would if it were not tracked. */
  readonly pattern: IgnorePattern | null;
}

/** Asks git about the path in a directory that exists; `name` is relative to it. */
export async function askAbout(tree: WorkTree, name: BytePath, context: Context): Promise<GitKnowledge> {
  const [record, pattern] = await Promise.all([
    trackedRecord(tree, name, context),
    ignoredBy(tree, name, context),
  ]);
  return { tracked: record !== "", sparse: /^[Ss] /.test(record), pattern };
}

/** Lists all records and searches them, since a name that is not UTF-8 cannot be an argument. */
async function trackedRecord(tree: WorkTree, name: BytePath, context: Context): Promise<string> {
  const records = (await askGit(tree, trackedArgs, context)).toString("latin1").split("\0");
  return records.find((record) => record.slice(record.indexOf("\t") + 1) === name) ?? "";
}

async function ignoredBy(tree: WorkTree, name: BytePath, context: Context): Promise<IgnorePattern | null> {
  const args = ["check-ignore", "-v", "-z", "--no-index", "--stdin"];
  const exit = await git(tree, args, context, { input: Buffer.from(`./${name}\0`, "latin1") });
  if (exit.exitCode > 1) throw gitRefused(args, exit);
  return parseIgnorePattern(exit.stdout.toString());
}
