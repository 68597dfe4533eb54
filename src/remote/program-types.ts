import type { ContentHash, JobName, RunId, StorePath } from "../core/ids.ts";
import type { Channel, Params, ProgramName } from "./connection.ts";

/** A value of a parameter: a flag becomes `yes` or `no`, a list its words with spaces between, null the empty text. */
type ParamValue = string | number | boolean | null | readonly string[];

/** Of every program but `session`: absolute, as the probe said it. */
interface InWorkDir {
  readonly work_dir: string;
}

interface OfRun extends InWorkDir {
  readonly run_id: RunId;
}

/** The parameters of each host program by their names there; `src/host/<program>.sh` says what they mean. */
export interface ProgramParams {
  readonly session: {
    readonly run_id: RunId;
    /** The project's id as JSON. */
    readonly project: string;
    readonly content_hash: ContentHash | null;
    readonly runners: readonly ContentHash[];
    readonly backends: readonly string[];
    readonly lease_ms: number;
    /** Null: the default place. */
    readonly work_dir: string | null;
    readonly host_name: string;
    readonly adopt: boolean;
    /** The snapshot is asked for after the probe, by a line `snapshot HASH`. */
    readonly later: boolean;
    /** Nothing that is remembered of what works counts. */
    readonly anew: boolean;
    readonly observer: boolean;
    /** Seconds between two `alive` frames while the host is still looking. */
    readonly alive_s: number;
    /** After how many seconds results of the project that no client has fetched are removed. */
    readonly unfetched_s: number;
    /** From how many files on a snapshot is copied ahead; 0: none is. */
    readonly ahead_files: number;
    /** Such a copy is on the disk when it is there. */
    readonly ahead_durable: boolean;
  };
  readonly hold: { readonly lease_ms: number };
  readonly publish: InWorkDir & {
    readonly content_hash: ContentHash;
    readonly repair: boolean;
    readonly verify: boolean;
    readonly base: ContentHash | null;
    readonly fetch: boolean;
    /** Worth several processes. */
    readonly large: boolean;
    readonly idle_s: number;
    /** Syncs to disk before anything gets its final name. */
    readonly durable: boolean;
  };
  readonly trust: { readonly paths: string };
  readonly prepare: OfRun & {
    readonly content_hash: ContentHash;
    readonly source_hash: ContentHash;
    readonly subset: "yes" | "";
    readonly subdir: string;
    readonly send_inputs: "yes" | "";
    /** A stranger's flake: Nix has to promise its sandbox. */
    readonly sandboxed: "yes" | "";
    readonly nix_words: string;
    readonly wanted: string;
    readonly lease_ms: number;
    readonly durable: boolean;
  };
  readonly runner: InWorkDir & {
    readonly content_hash: ContentHash;
    /** Nix platform. */
    readonly system: string;
    readonly repair: boolean;
    readonly busybox: boolean;
    readonly durable: boolean;
  };
  readonly guard: OfRun & {
    /** The project's id as JSON. */
    readonly project: string;
    readonly job: JobName;
    readonly content_hash: ContentHash;
    readonly runner: StorePath;
    /** What the guard stores for the runner: `JobDocuments`. */
    readonly job_document: string;
    readonly launch_document: string;
    readonly command_document: string;
    /** A line `NAME=STOREPATH` each. */
    readonly prepared: string;
    readonly lease_ms: number;
    readonly boot_ms: number;
    readonly timeout_ms: number;
    readonly silence_ms: number;
    readonly grace_ms: number;
    /** How often it runs again when it fails. */
    readonly retries: number;
    readonly keep_s: number;
    readonly artifact_bytes: number;
    readonly input: boolean;
    readonly secrets: boolean;
    readonly detached: boolean;
    /** Its result and what it left are on the disk, if it is detached or its client went away. */
    readonly durable: boolean;
    readonly enter: string | null;
    /** Names of the job's services. */
    readonly services: readonly string[];
    /** A line `NAME=SCOPE` each. */
    readonly caches?: string;
    readonly save_caches?: boolean;
    /** A line `NAME=DIGEST` for each job that this one needs and that left something. */
    readonly needs?: string;
    /** What it leaves is kept for jobs that need it: `link` where only the guest could write to its files. */
    readonly hands_on?: "link" | "copy";
    /** `may`: it is kept only to be shared, and a job from which nothing can be kept has passed nevertheless. */
    readonly handing?: "must" | "may";
  };
  readonly attach: OfRun & {
    readonly job: JobName;
    /** Bytes of the log and lines of the phases that the client already has. */
    readonly offset: number;
    readonly phases: number;
    readonly own: boolean;
    readonly collect: boolean;
    readonly lease_ms: number;
    readonly artifact_bytes: number;
  };
  readonly cancel: OfRun & {
    /** A line for each; empty: all. */
    readonly jobs: string;
    readonly wait_s: number;
  };
  readonly jobs: InWorkDir & {
    /** `none`: only to see that the host answers. */
    readonly run_id: RunId | "none";
  };
  readonly artifacts: OfRun & { readonly digests: readonly string[] };
  readonly "artifacts-out": OfRun & { readonly digests: readonly string[] };
  readonly share: InWorkDir & {
    /** A line `KEY NAME DIGEST` for each document that follows; `-` for no artifacts. */
    readonly names: string;
    readonly durable: boolean;
  };
  readonly "tree-out": InWorkDir & { readonly content_hash: ContentHash };
  readonly pin: OfRun & {
    readonly content_hash: ContentHash;
    /** The snapshot with its repository; null where no job saw one. */
    readonly git_hash: ContentHash | null;
    readonly pin: boolean;
  };
  readonly gc: InWorkDir & { readonly remove: boolean; readonly min_age_s: number };
  readonly doctor: Readonly<Record<never, never>>;
  readonly kvm: { readonly qemu: string; readonly kernel: string };
}

/** The frames that each program sends, `error` aside; docs/protocol.md says what they mean. */
const FRAMES = {
  session: ["alive", "probe", "snapshot", "verdicts"],
  hold: ["ready"],
  publish: [
    "waiting",
    "check",
    "have",
    "base-manifest",
    "base-files",
    "base-others",
    "listing",
    "digests",
    "send",
    "again",
    "wrong",
    "published",
  ],
  trust: ["trust", "missing", "end"],
  prepare: [
    "waiting",
    "list",
    "need",
    "inputs",
    "prepared",
    "failures",
    "unbuilt",
    "build-log",
    "nix-failed",
    "end",
  ],
  runner: ["waiting", "send", "runner", "nix-failed"],
  guard: ["phase", "log", "result", "service-log", "kept", "artifacts", "end"],
  attach: ["phase", "log", "result", "service-log", "kept", "artifacts", "end"],
  cancel: ["ended", "end"],
  jobs: ["job", "end"],
  artifacts: ["have", "missing", "end"],
  "artifacts-out": ["begin", "part", "whole", "missing", "end"],
  share: ["end"],
  "tree-out": ["tree", "end"],
  pin: ["end"],
  gc: ["items", "removed", "kept", "end"],
  doctor: ["versions", "end"],
  kvm: ["kvm", "end"],
} as const satisfies Readonly<Record<ProgramName, readonly string[]>>;

export type FrameType<N extends ProgramName> = (typeof FRAMES)[N][number];

/** The channel of a running program, typed by the frames that it sends. */
export type ProgramChannel<N extends ProgramName> = Channel<FrameType<N>>;

/** Whether a program sends frames of this type. */
export function sends<N extends ProgramName>(program: N, type: string): type is FrameType<N> {
  const types: readonly string[] = FRAMES[program];
  return types.includes(type);
}

/** Programs that end when their client is silent for a while. */
const HEARTBEATS: ReadonlySet<ProgramName> = new Set([
  "session",
  "hold",
  "publish",
  "prepare",
  "guard",
  "attach",
]);

export function wantsHeartbeat(program: ProgramName): boolean {
  return HEARTBEATS.has(program);
}

/** Parameters as the texts of shell variables. */
export function encodeParams(params: Readonly<Record<string, ParamValue | undefined>>): Params {
  const given = Object.entries(params).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, encodeValue(value)] as const],
  );
  return Object.fromEntries(given);
}

function encodeValue(value: ParamValue): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value === null) return "";
  return typeof value === "object" ? value.join(" ") : String(value);
}
