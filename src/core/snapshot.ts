import * as z from "zod";
import type { BytePath } from "./byte-path.ts";
import { type DocumentOf, ruled } from "./document.ts";
import type { Allowed, ContentFinding } from "./guard-rules.ts";
import { type ContentHash, parseContentHash } from "./ids.ts";
import { SCHEMA_VERSION } from "./schema-version.ts";

/** What an entry is; `executable` is a regular file that its owner may execute. */
export type EntryType = "file" | "executable" | "symlink" | "directory";

/** One path of a snapshot, as `lstat` saw it. Directories are entries only when empty and outside git. */
export interface SnapshotEntry {
  readonly path: BytePath;
  readonly type: EntryType;
  /** Bytes of content; of a symlink, of its target; 0 for a directory. */
  readonly size: number;
  /** Device, inode, size, mtime and ctime (system/file-stat.ts): equal while the file has not changed. */
  readonly stat: string;
}

/** Why a path that exists in the workspace is not in the snapshot. */
export interface LeftOut {
  readonly path: BytePath;
  readonly rule: string;
}

/** A `SourceInfo` inside a document. */
export const sourceInfoSchema = z.object({
  /** Commit id of HEAD; null outside git and before the first commit. */
  git_head: z.string().nullable(),
  git_dirty: z.boolean(),
  /** HEAD's branch without `refs/heads/`; null when HEAD is detached, and in documents of older versions. */
  git_branch: z.string().nullable().default(null),
  /** The subject of HEAD's message, at most 200 characters; null as `git_branch`. Whoever committed it chose every byte. */
  git_subject: z.string().nullable().default(null),
});

/** The commit that a snapshot is based on. */
export type SourceInfo = DocumentOf<typeof sourceInfoSchema>;

/** Globs over workspace paths; an empty `include` means everything. */
export interface SnapshotFilters {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** What the guards let pass; absent: nothing. */
  readonly allow?: readonly Allowed[];
  /** Bytes; absent: `DEFAULT_MAX_FILE_SIZE`. */
  readonly maxFileSize?: number;
}

/** Which files count, in byte order of their paths. */
export interface Snapshot {
  /** The directory with its files; null when this machine knows only their list. */
  readonly workspace: string | null;
  readonly source: SourceInfo;
  readonly entries: readonly SnapshotEntry[];
  readonly leftOut: readonly LeftOut[];
  /** The entries' executable bits count, not the files' own, since `core.fileMode` is false. */
  readonly keepModes?: boolean;
  /** The directory with the `.git` of this tree; absent when the entries have none. */
  readonly gitDirectory?: string;
  /** What the guards let pass when the content is read; absent: nothing. */
  readonly allow?: readonly Allowed[];
}

/** An entry with its content's hash; size and type are those of when it was read. */
export interface HashedEntry extends SnapshotEntry {
  /** BLAKE3 of the content (of a symlink, of its target), 64 hex digits; of nothing for a directory. */
  readonly digest: string;
  /** What the guards found in the content as it was read; absent when they found nothing. Such an entry must not be cached. */
  readonly findings?: readonly ContentFinding[];
}

/** A snapshot with its content hash, entries in byte order of their paths. */
export interface HashedSnapshot {
  readonly snapshot: Snapshot;
  readonly entries: readonly HashedEntry[];
  readonly contentHash: ContentHash;
  /** Canonical manifest, docs/manifest.md; `contentHash` is its BLAKE3. */
  readonly manifest: Buffer;
  /** Entries that are not directories. */
  readonly fileCount: number;
  readonly byteCount: number;
  /** Of `fileCount`, those whose content was read; the others were known by their `stat`. */
  readonly filesRead: number;
}

/** A `SnapshotMetadata`. */
export const snapshotMetadataSchema = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  /** `LAYOUT_VERSION` of the pikaci that published it; the first one named none. */
  layout_version: z.int().default(1),
  content_hash: ruled(parseContentHash),
  project_id: z.string(),
  file_count: z.number(),
  byte_count: z.number(),
  /** Files that B3SUMS cannot name. */
  b3sums_left_out: z.number(),
  created_at: z.string(),
  source: sourceInfoSchema,
});

/** `pikaci-snapshot.json` beside a published tree. */
export type SnapshotMetadata = DocumentOf<typeof snapshotMetadataSchema>;

/** `repaired`: what was found wrong there was replaced. */
export const publishOutcomeSchema = z.enum(["uploaded", "reused", "repaired"]);

/** A snapshot that a host has, complete and unchanged. */
export interface Published {
  readonly hashed: HashedSnapshot;
  readonly outcome: z.infer<typeof publishOutcomeSchema>;
  /** Absolute path on the host of `snapshots/<content_hash>`. */
  readonly remoteDir: string;
  /** Bytes written to the channel for this publication; 0 when reused. */
  readonly bytesSent: number;
}
