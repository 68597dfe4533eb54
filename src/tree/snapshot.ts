import { resolve } from "node:path";
import { type BytePath, displayPath, toPath } from "../core/byte-path.ts";
import type { Context } from "../core/context.ts";
import { abortError, SnapshotRefused, UsageError } from "../core/errors.ts";
import type { Finding } from "../core/guard-rules.ts";
import type { LeftOut, Snapshot, SnapshotEntry, SnapshotFilters } from "../core/snapshot.ts";
import { isDirectory } from "../system/files.ts";
import { openWorkTree } from "../system/git.ts";
import type { Candidates } from "./candidates.ts";
import { excludeRule, filterRule, type Rule, rules } from "./filters.ts";
import { gitCandidates } from "./git/candidates.ts";
import { DEFAULT_MAX_FILE_SIZE, pathFindings } from "./guards/paths.ts";
import { refuseFindings } from "./guards/refuse.ts";
import { keptPaths } from "./kept.ts";
import { byPath } from "./manifest/manifest.ts";
import { keepEvidence, recalledSnapshot } from "./recall/background.ts";
import { type Recalled, recall } from "./recall/recall.ts";
import { walkCandidates } from "./walk-candidates.ts";

export interface SnapshotInput {
  readonly workspace: string;
  readonly filters: SnapshotFilters;
}

/**
 * Lists the files of the workspace that count, docs/snapshot.md: in git those tracked or not ignored, elsewhere all, less the
 * filters. Throws SnapshotRefused for what cannot be in a snapshot, UsageError without a workspace.
 */
export async function snapshot(input: SnapshotInput, context: Context): Promise<Snapshot> {
  const { filters } = input;
  const { allow = [], maxFileSize = DEFAULT_MAX_FILE_SIZE } = filters;
  const recalled = await recallTree(input, context);
  if (recalled !== null) {
    refuseFindings(guardPaths(recalled.changed, maxFileSize), allow);
    return recalledSnapshot(recalled, allow);
  }
  const { candidates, ...tree } = await survey(input, context);
  refuse(tree.specials);
  refuseFindings(guardPaths(tree.entries, maxFileSize), allow);
  const source = await candidates.source(candidates.found.map(({ stat }) => stat));
  const taken: Snapshot = {
    workspace: tree.root,
    source,
    entries: tree.entries,
    leftOut: tree.leftOut,
    keepModes: candidates.keepModes,
    allow,
  };
  if (candidates.evidence !== null) keepEvidence(taken, candidates.evidence, filters);
  return taken;
}

async function recallTree({ workspace, filters }: SnapshotInput, context: Context): Promise<Recalled | null> {
  const root = resolve(workspace);
  requireDirectory(root);
  return recall(root, filters, context);
}

/** What counts and what does not, even if it will be refused. */
export interface Survey extends Frozen {
  readonly root: string;
  readonly candidates: Candidates;
  /** What pikaci itself keeps for this account; not listed among what was left out. */
  readonly isKept: (path: BytePath) => boolean;
}

/** Everything that `snapshot` decides, without refusing. UsageError without a workspace. */
export async function survey({ workspace, filters }: SnapshotInput, context: Context): Promise<Survey> {
  const root = resolve(workspace);
  requireDirectory(root);
  const isKept = keptPaths(root, context.env);
  const unlessKept =
    (rule: Rule): Rule =>
    (path) =>
      isKept(path) ? rules.kept : rule(path);
  const candidates = await findCandidates(root, unlessKept(excludeRule(filters)), context);
  if (context.signal.aborted) throw abortError(context.signal);
  return { root, candidates, isKept, ...freeze(candidates, unlessKept(filterRule(filters))) };
}

/** The findings by name and size; contents are checked where they are read. */
function guardPaths(entries: readonly SnapshotEntry[], maxFileSize: number): Finding[] {
  const findings: Finding[] = [];
  for (const { path, type, size } of entries)
    if (type === "file" || type === "executable")
      for (const rule of pathFindings(path, size, maxFileSize)) findings.push({ path, rule, line: null });
  return findings;
}

function requireDirectory(root: string): void {
  if (isDirectory(root)) return;
  throw new UsageError(`the workspace is not a directory: ${JSON.stringify(root)}`, {
    hint: "run pikaci in the directory that holds the project",
  });
}

async function findCandidates(root: string, excluded: Rule, context: Context): Promise<Candidates> {
  const tree = await openWorkTree(root, context);
  const ofGit = tree === null ? null : await gitCandidates(tree, context);
  if (ofGit !== null) return ofGit;
  if (tree !== null)
    context.emit({
      type: "warning",
      message: `git ignores the whole workspace ${root}: every file in it counts`,
      hint: "run pikaci in the repository's own directory if that is not what you mean",
    });
  return walkCandidates(root, excluded, context);
}

/** pikaci's own directory, which is not listed among what was left out. */
const STATE = toPath(".pikaci/");

interface Frozen {
  readonly entries: SnapshotEntry[];
  readonly leftOut: LeftOut[];
  /** Sockets, FIFOs and devices that would count. */
  readonly specials: BytePath[];
}

function freeze(candidates: Candidates, rule: Rule): Frozen {
  const entries: SnapshotEntry[] = [];
  const leftOut = candidates.leftOut.filter((one) => one.path !== STATE && one.rule !== rules.kept);
  const specials: BytePath[] = [];
  for (const { path, type, size, stat } of candidates.found) {
    const why = rule(path);
    if (why === rules.kept) continue;
    if (why !== null) leftOut.push({ path, rule: why });
    else if (type === "special") specials.push(path);
    else entries.push({ path, type, size, stat });
  }
  return {
    entries: withoutReplaced(entries, candidates).sort(byPath),
    leftOut: leftOut.sort(byPath),
    specials,
  };
}

/** Without tracked files that are directories by now: those count as deleted, and git lists the files in the directories. */
function withoutReplaced(entries: SnapshotEntry[], candidates: Candidates): SnapshotEntry[] {
  const empty = new Set(candidates.emptyDirectories);
  return entries.filter(({ type, path }) => type !== "directory" || empty.has(path));
}

function refuse(specials: readonly BytePath[]): void {
  const [first] = specials;
  if (first === undefined) return;
  const more = specials.length > 1 ? ` (and ${specials.length - 1} more)` : "";
  throw new SnapshotRefused(`"${displayPath(first)}"${more} is a socket, FIFO or device`, {
    hint: "remove it, have git ignore it, or leave it out with `snapshot.exclude` in the configuration",
  });
}
