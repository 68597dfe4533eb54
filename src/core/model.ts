import type { FlakeLock } from "./flake-lock.ts";
import type { Allowed, ContentFinding } from "./guard-rules.ts";
import type { BytePath, ContentHash, HostUrl, JobName, RunId, StorePath } from "./ids.ts";
import type { TemplateFile } from "./template-file.ts";

/** Version of every JSON document that pikaci writes. */
export const SCHEMA_VERSION = 1;

export type EntryType = "file" | "executable" | "symlink" | "directory";

/** One path of a snapshot, as `lstat` saw it; `directory` only when empty and outside git. */
export interface SnapshotEntry {
  readonly path: BytePath;
  readonly type: EntryType;
  /** Bytes of content; of a symlink, of its target; 0 for a directory. */
  readonly size: number;
  /** Device, inode, size, mtime and ctime (src/system/file-stat.ts): equal while the file has not changed. */
  readonly stat: string;
}

/** Why a path that exists in the workspace is not in the snapshot. */
export interface LeftOut {
  readonly path: BytePath;
  readonly rule: string;
}

export interface SourceInfo {
  /** Commit id of HEAD; null outside git and before the first commit. */
  readonly git_head: string | null;
  readonly git_dirty: boolean;
}

/** Which files count, in byte order of their paths. */
export interface Snapshot {
  readonly workspace: string;
  readonly source: SourceInfo;
  readonly entries: readonly SnapshotEntry[];
  readonly leftOut: readonly LeftOut[];
  /** Executable bits count as they stand in the entries, whatever the files' own are: `core.fileMode` is false. */
  readonly keepModes?: boolean;
  /** What the guards let pass when the content is read; without it, nothing. */
  readonly allow?: readonly Allowed[];
}

export interface HashedEntry extends SnapshotEntry {
  /** BLAKE3 of the content (of a symlink, of its target), 64 hex digits; of nothing for a directory. */
  readonly digest: string;
  /** What the guards found in the content as it was read; absent for nearly all. No cache may hold such an entry. */
  readonly findings?: readonly ContentFinding[];
}

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

/** `pikaci-snapshot.json` beside a published tree. */
export interface SnapshotMetadata {
  readonly schema_version: number;
  readonly content_hash: ContentHash;
  readonly project_id: string;
  readonly file_count: number;
  readonly byte_count: number;
  /** Files that B3SUMS cannot name. */
  readonly b3sums_left_out: number;
  readonly created_at: string;
  readonly source: SourceInfo;
}

export interface Published {
  readonly hashed: HashedSnapshot;
  readonly outcome: "uploaded" | "reused" | "repaired";
  /** Absolute path on the host of `snapshots/<content_hash>`. */
  readonly remoteDir: string;
  /** Bytes written to the channel for this publication; 0 when reused. */
  readonly bytesSent: number;
}

export type PrepareSpec =
  | { readonly kind: "installable"; readonly installable: string }
  /** A flake output that the client builds and sends. */
  | { readonly kind: "local"; readonly installable: string }
  /** `confined`: it has to lie inside the workspace really, whatever links say. */
  | { readonly kind: "path"; readonly path: string; readonly confined?: boolean };

/** A realised thing that a job mounts at `/prepared/<name>`. */
export interface PreparedOutput {
  readonly name: JobName;
  readonly spec: PrepareSpec;
  readonly storePath: StorePath;
  readonly outcome: "built" | "copied" | "reused";
}

export interface Prepared {
  readonly published: Published;
  /** Distinct outputs by the canonical text of their spec; see `prepareKey` in stages/prepare. */
  readonly outputs: ReadonlyMap<string, PreparedOutput>;
}

/** What a runner takes of the project's flake. */
export interface ProjectFlake {
  /** Null: the project has no `flake.lock`. */
  readonly lock: FlakeLock | null;
  /** What its modules are evaluated from; empty without modules. */
  readonly files: readonly TemplateFile[];
}

export type Hypervisor = "qemu" | "cloud-hypervisor" | "crosvm" | "vfkit";

/** NixOS through microvm.nix. */
export interface MicrovmShape {
  readonly backend: "microvm";
  readonly hypervisor: Hypervisor;
  readonly vcpu: number;
  readonly memoryMiB: number;
  /** Attribute paths of NixOS modules in the project's flake. */
  readonly modules: readonly string[];
  /** Null: everything comes from pikaci itself. */
  readonly project: ProjectFlake | null;
}

/** What decides a runner: nothing of the job, the run or the snapshot (design §2). */
export type MachineShape =
  | { readonly backend: "sandbox" }
  | { readonly backend: "derivation" }
  | { readonly backend: "minivm"; readonly vcpu: number; readonly memoryMiB: number }
  | MicrovmShape;

/** What a job asks for: a shape, or `auto`, the strongest that works on its host. */
export type WantedShape =
  | MachineShape
  | {
      readonly backend: "auto";
      readonly vcpu: number;
      readonly memoryMiB: number;
      /** Of the snapshot, where its files are here. */
      readonly project?: ProjectFlake;
    };

export type BackendName = MachineShape["backend"];

export interface Runner {
  readonly shape: MachineShape;
  /** Content hash of the runner flake. */
  readonly contentHash: ContentHash;
  readonly storePath: StorePath;
  readonly outcome: "built" | "reused" | "repaired";
}

export type Command =
  | { readonly kind: "argv"; readonly argv: readonly string[] }
  | { readonly kind: "shell"; readonly text: string };

/** What a job may use; nothing is limited that is not named. */
export interface JobLimits {
  /** Of all its processes together. */
  readonly memoryBytes?: number;
  readonly processes?: number;
  /** Of any one file. */
  readonly fileBytes?: number;
  /** Of any one process. */
  readonly openFiles?: number;
}

export interface JobSpec {
  readonly name: JobName;
  readonly description: string;
  readonly command: Command;
  readonly limits?: JobLimits;
  readonly shape: WantedShape;
  readonly prepare: Readonly<Record<string, PrepareSpec>>;
  /** Milliseconds from the command's start to TERM. */
  readonly timeoutMs: number;
  /** Milliseconds that what it leaves when it fails is kept on its host, to be entered; absent: not at all. */
  readonly keepFailedMs?: number;
  /** Milliseconds that the command may say nothing; absent: as long as it likes. */
  readonly silenceMs?: number;
  /** Globs over the files that its verdict depends on; absent or empty: all. */
  readonly inputs?: readonly string[];
  /** Which verdicts are remembered; absent: passes, and none of a job with a network. */
  readonly cache?: "passed" | "all" | "never";
  /** Names of the client's environment variables that reach the guest, and nothing else. */
  readonly secrets?: readonly string[];
  /** Names of directories that it finds in /cache, and that are saved when it passes. */
  readonly caches?: readonly JobName[];
  /** Absent: yes. */
  readonly saveCaches?: boolean;
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path in the guest. */
  readonly cwd: string;
  readonly user: "user" | "root";
  readonly workspace: "read-only" | "private";
  /** `host`: the host's own; `user`: a machine's, without the host's loopback. */
  readonly network: "none" | "host" | "user";
}

export interface TargetSpec {
  readonly name: JobName;
  readonly description: string;
  /** Globs over changed paths; empty: every change counts. */
  readonly filters: readonly string[];
  readonly jobs: readonly JobName[];
}

export interface HostSpec {
  /** The name it has in the configuration, or its url. */
  readonly name: string;
  readonly url: HostUrl;
  /** Absolute path on the host; null: `$HOME/.local/state/pikaci`. */
  readonly workDir: string | null;
  /** Milliseconds of silence after which the host ends this client's guests. */
  readonly leaseMs: number;
  /** The client fetches the inputs of flakes and sends them: the host has no network. */
  readonly sendInputs?: boolean;
}

/** A validated configuration with every default filled in. */
export interface Project {
  /** Identifies the project's snapshots on a host. */
  readonly id: string;
  readonly workspace: string;
  readonly configFile: string | null;
  readonly defaultHost: string;
  readonly hosts: Readonly<Record<string, HostSpec>>;
  readonly defaultTarget: JobName;
  readonly targets: Readonly<Record<string, TargetSpec>>;
  readonly jobs: Readonly<Record<string, JobSpec>>;
  readonly snapshot: SnapshotFilters;
  readonly flake: { readonly files: readonly string[] };
  readonly limits: {
    readonly jobs: number;
    /** What of one job's artifacts is fetched at most, as a tar archive; of more, nothing. */
    readonly artifactBytes: number;
  };
}

/** Globs over workspace paths; an empty `include` means everything. */
export interface SnapshotFilters {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** What the guards let pass; without it, nothing. */
  readonly allow?: readonly Allowed[];
  /** Bytes; without it, `DEFAULT_MAX_FILE_SIZE`. */
  readonly maxFileSize?: number;
}

export type Status = "passed" | "failed" | "timeout" | "cancelled" | "infra" | "skipped" | "cached";

/** What the guard says of a job, on the channel and in `result.json`; the job cannot write it. */
export interface JobResult {
  readonly schema_version: number;
  readonly run_id: RunId;
  readonly job: JobName;
  readonly status: Status;
  /** The command's exit code; null when it was ended or never ran. */
  readonly exit_code: number | null;
  /** Name without SIG when the status was above 128, as a shell tells it. */
  readonly signal: string | null;
  readonly timed_out: boolean;
  readonly started_at: string | null;
  readonly finished_at: string;
  readonly duration_ms: number | null;
  /** One line for people: what happened, and for timeout and infra, where. */
  readonly message: string;
  /** By the cache's name; absent where the job has none. */
  readonly caches?: Readonly<Record<string, CacheUse>> | undefined;
}

/** What a job had of a cache. */
export interface CacheUse {
  /** `overlay`, `copy`: of what was saved before; `empty`: nothing was. */
  readonly view: "overlay" | "copy" | "empty";
  /** `shared`: another job had it first; `unsaved`: an untrusted run or a shell. In both cases nothing is saved. */
  readonly turn: "alone" | "shared" | "unsaved";
  /** `kept`: the job did not pass, so what was saved before stays; `failed`: it could not be saved. */
  readonly saved: "saved" | "unchanged" | "kept" | "failed" | "shared" | "unsaved";
}

export interface ArtifactEntry {
  readonly path: string;
  readonly type: "file" | "symlink" | "directory";
  readonly size: number;
}

/** A job's part of `run.json`. */
export interface JobRecord {
  readonly job: JobName;
  readonly state: "pending" | "running" | "finished";
  readonly result: JobResult | null;
  readonly runner: {
    readonly backend: string;
    readonly content_hash: ContentHash;
    readonly store_path: StorePath;
  } | null;
  readonly prepared: Readonly<Record<string, StorePath>>;
  /** How `/workspace` was made: read-only bind, overlay, or a full copy. */
  readonly workspace: "read-only" | "overlay" | "copy" | null;
  /** Limits that the host could not enforce; absent when there were none. */
  readonly limits_unenforced?: readonly string[] | undefined;
  /** Until when `pikaci shell` can enter what it left on its host; absent when it was not kept. */
  readonly kept_until?: string | undefined;
  readonly artifacts: readonly ArtifactEntry[];
  /** Artifacts that were not collected, and why (sockets, devices, unsafe names). */
  readonly artifacts_left_out: readonly string[];
}

/**
 * `run.json`. `state` is `finished` on every path that ends; `status` is then the worst of the jobs'. A `detached` run
 * goes on without a client, until `attach` has fetched its results.
 */
export interface RunRecord {
  readonly schema_version: number;
  readonly run_id: RunId;
  readonly project_id: string;
  readonly target: JobName | null;
  readonly host: HostUrl;
  readonly state: "running" | "detached" | "finished";
  readonly status: Status | null;
  readonly exit_code: number | null;
  readonly created_at: string;
  readonly finished_at: string | null;
  /** The client's process, to tell a live run from a killed one. */
  readonly client: { readonly pid: number; readonly started: string; readonly hostname: string };
  readonly snapshot: {
    readonly content_hash: ContentHash;
    readonly file_count: number;
    readonly byte_count: number;
    readonly source: SourceInfo;
    readonly outcome: Published["outcome"] | null;
    readonly bytes_sent: number;
  } | null;
  readonly jobs: readonly JobRecord[];
  readonly error: { readonly kind: string; readonly message: string; readonly hint: string | null } | null;
}

/** What a person passes on to Nix, in the words of its own command line. */
export interface NixOptions {
  /** May change what an evaluation gives: part of the key of every prepared output. */
  readonly evaluation: readonly string[];
  /** Changes only how it is got. */
  readonly manner: readonly string[];
  /** What stands after `--`, for `nix build`; may change anything. */
  readonly rest: readonly string[];
  /** With `--impure` nothing tells what an evaluation depends on: its outputs are never reused. */
  readonly impure: boolean;
}

/** A node of `plan.json`: what `run` will do, as data. */
export type PlanNode =
  | {
      readonly kind: "prepare";
      readonly id: string;
      readonly host: HostUrl;
      readonly spec: PrepareSpec;
      readonly argv: readonly string[];
    }
  | {
      readonly kind: "execute";
      readonly id: string;
      readonly job: JobName;
      readonly host: HostUrl;
      readonly backend: string;
      readonly command: Command;
      readonly timeout_ms: number;
      readonly needs: readonly string[];
    };

export interface Plan {
  readonly schema_version: number;
  readonly project_id: string;
  readonly target: JobName | null;
  readonly host: HostUrl;
  /** A rerun repeats them. */
  readonly nix: NixOptions;
  readonly nodes: readonly PlanNode[];
  /** Jobs that will not run, with the reason. */
  readonly skipped: readonly { readonly job: JobName; readonly reason: string }[];
}
