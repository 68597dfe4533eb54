import type { HostUrl, JobName } from "./ids.ts";
import type { JobSpec } from "./job.ts";
import type { SnapshotFilters } from "./snapshot.ts";

/** The default of `limits.unfetchedMs`: a day. */
export const UNFETCHED_MS = 86_400_000;

/** A named set of jobs. */
export interface TargetSpec {
  readonly name: JobName;
  readonly description: string;
  /** Globs over changed paths; empty: every change counts. */
  readonly filters: readonly string[];
  readonly jobs: readonly JobName[];
  /** Also every check of the flake; absent: no. */
  readonly checks?: boolean;
}

/** A machine that builds and runs. */
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
  /** For a stranger's tree: what each job asks for and may not have, by the job's name, each as `path: message`. */
  readonly refused?: Readonly<Record<string, readonly string[]>>;
  /** Which files of the workspace count; `snapshot` of the configuration. */
  readonly filters: SnapshotFilters;
  readonly flake: { readonly files: readonly string[] };
  /** All checks of the flake but these become jobs; absent: none does. */
  readonly checks?: { readonly exclude: readonly string[] };
  readonly limits: {
    readonly jobs: number;
    /** The most bytes of a job's artifacts that are fetched, as a tar archive without holes; when there are more, none is fetched. */
    readonly artifactBytes: number;
    /** How long a host keeps results that a killed client did not fetch. */
    readonly unfetchedMs: number;
  };
}
