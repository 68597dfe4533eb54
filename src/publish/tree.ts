import { type BytePath, bytePath, pathBytes } from "../core/byte-path.ts";
import { LAYOUT_VERSION } from "../core/layout.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { SnapshotMetadata } from "../core/snapshot.ts";
import { placeOf } from "../core/workspace-of.ts";
import type { ManifestEntry } from "../tree/manifest/manifest.ts";
import { type Delta, parents, planDelta, type Stale } from "./delta.ts";
import type { Difference } from "./difference.ts";
import type { ExpectedTree } from "./expected.ts";
import { encodePatch } from "./patch.ts";
import type { SparseFiles } from "./sparse-files.ts";
import type { SparseMap } from "./sparse-map.ts";
import { type TarItem, tarDirectory, tarFile, tarLink } from "./tar.ts";
import { fileRecord, parseRecord } from "./tree-listing.ts";
import { openVerified, openVerifiedData } from "./verified.ts";

/** What is sent so that a staged directory becomes the published one; docs/protocol.md. */
export interface UploadPlan {
  /** `all`: whatever is staged is removed first. */
  readonly start: "all" | "delta";
  /** Paths to remove before the archive is unpacked, each ended by NUL. */
  readonly drop: Buffer;
  /** Entries whose content is sent. */
  readonly content: readonly ManifestEntry[];
  /** Bytes of that content. */
  readonly bytes: number;
  /** `sparse` says where the files have holes, which are not sent. */
  items(metadata: SnapshotMetadata, sparse: SparseFiles): Iterable<TarItem>;
}

/** The whole tree, on top of nothing. */
export function planAll(tree: ExpectedTree): UploadPlan {
  const { entries } = tree.hashed;
  const delta = planDelta([], entries, tree.manifest);
  return makePlan({ start: "all", drop: [], delta, added: entries, files: ours(tree) }, tree);
}

/** What differs from a published tree, on top of its copy. */
export function planOnBase(tree: ExpectedTree, { stale, added, manifest, b3sums }: Difference): UploadPlan {
  const delta = planDelta(stale, added, tree.manifest);
  const files = [
    tarFile(text(".delta/manifest"), encodePatch(manifest, tree.hashed.manifest)),
    tarFile(text(".delta/B3SUMS"), encodePatch(b3sums, tree.b3sums().bytes)),
  ];
  return makePlan({ start: "delta", drop: delta.drop.map(inTree), delta, added, files }, tree);
}

/** What is still missing after an upload was cut off; `staged` is the listing of what arrived. */
export function planOnStaged(tree: ExpectedTree, staged: readonly string[]): UploadPlan {
  const there = new Set(staged);
  const files = ours(tree).filter(({ path, size }) => !there.has(fileRecord(path, size)));
  const expected = tree.listing();
  const wanted = new Set([...expected, ...ours(tree).map(({ path, size }) => fileRecord(path, size))]);
  const wrong = staged.filter((record) => !wanted.has(record)).map(parseRecord);
  const missing = new Set<string>(
    expected.filter((one) => !there.has(one)).map((one) => parseRecord(one).path),
  );
  const added = tree.hashed.entries.filter(({ path }) => missing.has(`snapshot/${path}`));
  const stale = wrong.flatMap(({ path, directory }): Stale[] => {
    if (!path.startsWith("snapshot/")) return [];
    const type = directory ? "directory" : "file";
    return [{ path: text(path.slice("snapshot/".length)), type, digest: null }];
  });
  const delta = planDelta(stale, added, tree.manifest);
  const outside = wrong.map(({ path }) => path).filter((path) => !/^snapshot(\/|$)/.test(path));
  const drop = [...outside, ...delta.drop.map(inTree)];
  return makePlan({ start: "delta", drop, delta, added, files }, tree);
}

/** What an upload is made of. */
interface Parts {
  readonly start: UploadPlan["start"];
  /** Paths in the staging directory to remove first. */
  readonly drop: readonly BytePath[];
  readonly delta: Delta;
  readonly added: readonly ManifestEntry[];
  /** Files that pikaci puts beside the tree. */
  readonly files: readonly TarItem[];
}

function makePlan(parts: Parts, tree: ExpectedTree): UploadPlan {
  const { start, drop, delta, added } = parts;
  const content = added.filter(({ path, type }) => type !== "directory" && !delta.moves.has(path));
  const bytes = content.reduce((sum, { size }) => sum + size, 0);
  const items = (metadata: SnapshotMetadata, sparse: SparseFiles) => archive(metadata, parts, tree, sparse);
  return { start, drop: pathList(drop), content, bytes, items };
}

function ours(tree: ExpectedTree): TarItem[] {
  return [tarFile(text("manifest"), tree.hashed.manifest), tarFile(text("B3SUMS"), tree.b3sums().bytes)];
}

/** Directories come before their contents, and pikaci's own first, so that an upload that is cut off has them complete. */
function* archive(
  metadata: SnapshotMetadata,
  { delta, added, files }: Parts,
  { hashed }: ExpectedTree,
  sparse: SparseFiles,
): Generator<TarItem> {
  yield tarFile(text("pikaci-snapshot.json"), Buffer.from(`${JSON.stringify(metadata, null, 2)}\n`));
  yield* files;
  if (delta.late.length > 0) {
    yield tarFile(text(".delta/late"), pathList(delta.late.map(inTree)));
    yield tarFile(text(".delta/touch"), pathList([text("snapshot"), ...delta.touch.map(inTree)]));
  }
  yield tarDirectory(text("snapshot"));
  const made = new Set<BytePath>();
  for (const entry of added) {
    for (const path of [...parents(entry.path), ...(entry.type === "directory" ? [entry.path] : [])]) {
      if (!made.has(path)) yield tarDirectory(inTree(path));
      made.add(path);
    }
    const from = delta.moves.get(entry.path);
    if (from !== undefined) yield tarLink(inTree(entry.path), inTree(from));
    else if (entry.type !== "directory")
      yield treeItem(placeOf(hashed.snapshot, entry), entry, sparse.mapOf(entry));
  }
  for (const path of delta.directories) if (!made.has(path)) yield tarDirectory(inTree(path));
}

function treeItem(workspace: string, entry: ManifestEntry, map: SparseMap | null): TarItem {
  const { type, size } = entry;
  const item = { path: inTree(entry.path), type, size };
  if (map === null) return { ...item, open: () => openVerified(workspace, entry) };
  return { ...item, sparse: map, open: () => openVerifiedData(workspace, entry, map) };
}

export function snapshotMetadata(tree: ExpectedTree, projectId: string, now: Date): SnapshotMetadata {
  const { contentHash, fileCount, byteCount, snapshot } = tree.hashed;
  return {
    schema_version: SCHEMA_VERSION,
    layout_version: LAYOUT_VERSION,
    content_hash: contentHash,
    project_id: projectId,
    file_count: fileCount,
    byte_count: byteCount,
    b3sums_left_out: tree.b3sums().leftOut,
    created_at: now.toISOString(),
    source: snapshot.source,
  };
}

/** `./` in front: `touch -` would mean stdout. */
function pathList(paths: readonly BytePath[]): Buffer {
  return Buffer.concat(paths.flatMap((path) => [Buffer.from("./"), pathBytes(path), Buffer.from("\0")]));
}

function inTree(path: BytePath): BytePath {
  return text(`snapshot/${path}`);
}

/** A path with one latin1 character per byte. */
function text(path: string): BytePath {
  return bytePath(Buffer.from(path, "latin1"));
}
