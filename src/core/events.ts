import type { ContentHash, HostUrl, JobName, RunId, StorePath } from "./ids.ts";
import type { CacheUse, JobResult } from "./job-result.ts";
import type { Runner } from "./machine-shape.ts";
import type { RunRecord } from "./run-record.ts";
import type { Published } from "./snapshot.ts";

/** The seven stages in their order, docs/architecture.md; `execute` and `collect` happen once per job. */
export type StageName = "snapshot" | "hash" | "publish" | "prepare" | "render" | "execute" | "collect";

/** Everything that a run reports. Renderers in `report/` show events; nothing else prints. */
export type PikaciEvent =
  | {
      readonly type: "run-started";
      readonly runId: RunId;
      readonly target: string | null;
      readonly host: HostUrl;
      readonly jobs: readonly JobName[];
    }
  | { readonly type: "run-finished"; readonly record: RunRecord; readonly directory: string }
  | { readonly type: "stage-started"; readonly stage: StageName; readonly job: JobName | null }
  | {
      readonly type: "stage-finished";
      readonly stage: StageName;
      readonly job: JobName | null;
      readonly durationMs: number;
    }
  | {
      readonly type: "connected";
      readonly host: HostUrl;
      readonly workDir: string;
      readonly nixVersion: string;
    }
  | {
      readonly type: "hashed";
      readonly contentHash: ContentHash;
      readonly fileCount: number;
      readonly byteCount: number;
      /** Files whose content was read; the others are unchanged since an earlier run. */
      readonly filesRead: number;
    }
  | { readonly type: "upload-progress"; readonly bytes: number; readonly totalBytes: number }
  | { readonly type: "waiting"; readonly what: string }
  | {
      readonly type: "published";
      readonly contentHash: ContentHash;
      readonly outcome: Published["outcome"];
      readonly bytesSent: number;
      /** Every file was hashed on the host. */
      readonly verified?: boolean;
    }
  | {
      readonly type: "nix-log";
      readonly line: string;
      /** The derivation whose output it is, by name; absent for Nix's own messages. */
      readonly builder?: string;
    }
  | {
      readonly type: "nix-progress";
      readonly built: number;
      readonly toBuild: number;
      readonly building: readonly string[];
      readonly copied: number;
      readonly toCopy: number;
      /** Bytes of the store paths that are copied; absent where Nix does not say. */
      readonly copiedBytes?: number;
      readonly toCopyBytes?: number;
    }
  | {
      readonly type: "prepared";
      readonly name: string;
      readonly storePath: StorePath;
      readonly outcome: "built" | "copied" | "reused";
    }
  | {
      readonly type: "runner-ready";
      readonly backend: string;
      readonly contentHash: ContentHash;
      readonly outcome: Runner["outcome"];
    }
  | { readonly type: "job-skipped"; readonly job: JobName; readonly reason: string }
  | {
      readonly type: "job-phase";
      readonly job: JobName;
      readonly phase: "launching" | "booting" | "running" | "ending";
    }
  | {
      readonly type: "job-cache";
      readonly job: JobName;
      readonly cache: string;
      readonly view: CacheUse["view"];
      readonly turn: CacheUse["turn"];
    }
  /** A job that failed runs again; what its log has from here on is the new attempt's. */
  | {
      readonly type: "job-attempt";
      readonly job: JobName;
      /** From 2 on. */
      readonly attempt: number;
      /** How many there are at most. */
      readonly of: number;
      /** How the one before ended, in the words of a result's message. */
      readonly reason: string;
    }
  | { readonly type: "job-log"; readonly job: JobName; readonly data: Buffer }
  /** What a service of a job printed; comes when the job has ended. */
  | { readonly type: "service-log"; readonly job: JobName; readonly service: JobName; readonly data: Buffer }
  | { readonly type: "job-finished"; readonly job: JobName; readonly result: JobResult }
  /** What a failed job left stays on its host until then. */
  | { readonly type: "job-kept"; readonly job: JobName; readonly runId: RunId; readonly until: string }
  | { readonly type: "host-log"; readonly job: JobName | null; readonly line: string }
  | { readonly type: "warning"; readonly message: string; readonly hint: string | null };

/** Takes an event; must not throw and must not block. */
export type Emit = (event: PikaciEvent) => void;
