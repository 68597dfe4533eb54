import { displayPath } from "../core/byte-path.ts";
import type { Context } from "../core/context.ts";
import type { ContentFinding, Finding } from "../core/guard-rules.ts";
import type { HashedEntry, HashedSnapshot, Snapshot } from "../core/snapshot.ts";
import { workspaceOf } from "../core/workspace-of.ts";
import { notAllowed, refuseFindings } from "./guards/refuse.ts";
import { type HashTreeOptions, hashTree } from "./hashing/hash-tree.ts";
import { assemble } from "./manifest/assemble.ts";
import { encodeManifest } from "./manifest/manifest.ts";
import { evidenceOf, recalledTree } from "./recall/background.ts";
import { completeTree } from "./recall/complete.ts";
import { remember } from "./recall/remember.ts";

const NONE: readonly ContentFinding[] = [];

/**
 * Computes the tree's content hash, docs/manifest.md; reads the files that the workspace's stat cache does not know. A file
 * that changed since the snapshot is hashed as it is now; one that is gone is dropped. Throws SnapshotRefused for a file
 * that is unreadable, keeps changing, or contains something that the guards find and the configuration does not allow.
 */
export async function hash(
  snapshot: Snapshot,
  context: Context,
  options: HashTreeOptions = {},
): Promise<HashedSnapshot> {
  const hashed =
    (await hashRecalled(snapshot, context, options)) ?? (await hashListed(snapshot, context, options));
  const { contentHash, fileCount, byteCount, filesRead } = hashed;
  context.emit({ type: "hashed", contentHash, fileCount, byteCount, filesRead });
  return hashed;
}

async function hashRecalled(
  snapshot: Snapshot,
  context: Context,
  { cache = "use" }: HashTreeOptions,
): Promise<HashedSnapshot | null> {
  const recalled = cache === "use" ? recalledTree(snapshot) : null;
  return recalled === null ? null : completeTree(snapshot, recalled, context);
}

async function hashListed(
  snapshot: Snapshot,
  context: Context,
  options: HashTreeOptions,
): Promise<HashedSnapshot> {
  const workspace = workspaceOf(snapshot);
  const { entries, manifest, filesRead } = await hashTree(
    { root: workspace, about: workspace },
    snapshot.entries,
    context,
    {
      keepModes: snapshot.keepModes ?? false,
      ...options,
    },
  );
  const findings = entries.filter(({ findings }) => findings !== undefined).flatMap(findingsOf);
  refuseFindings(findings, snapshot.allow ?? []);
  warnOfPointers(notAllowed(findings, snapshot.allow ?? []), context);
  const hashed = assemble(snapshot, entries, manifest ?? encodeManifest(entries), filesRead);
  if ((options.cache ?? "use") === "use") await rememberSeen(snapshot, hashed, context);
  return hashed;
}

async function rememberSeen(snapshot: Snapshot, hashed: HashedSnapshot, context: Context): Promise<void> {
  const seen = evidenceOf(snapshot);
  if (seen !== null) await remember(hashed, seen.evidence, seen.filters, context);
}

/** Warns about Git LFS pointers: this machine has not fetched the files, so jobs would see the pointers. */
function warnOfPointers(findings: readonly Finding[], context: Context): void {
  const [first] = findings;
  if (first === undefined) return;
  const count =
    findings.length === 1 ? "1 file is a Git LFS pointer" : `${findings.length} files are Git LFS pointers`;
  context.emit({
    type: "warning",
    message: `${count} instead of the content, as "${displayPath(first.path)}"`,
    hint: "fetch the content with `git lfs pull`, or allow the rule lfs-pointer for these paths in the configuration",
  });
}

function findingsOf({ path, findings = NONE }: HashedEntry): readonly Finding[] {
  return findings.map(({ rule, line }) => ({ path, rule, line }));
}
