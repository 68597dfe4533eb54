import type { PikaciEvent } from "../core/events.ts";
import type { Policy } from "./gc/plan.ts";

/** The project that a call is about, and how to stop it. Everything is optional. */
export interface PlaceOptions {
  /** Directory of the project; default: found from the current directory upwards. */
  readonly cwd?: string;
  /** Configuration file, relative to `cwd`; default: the workspace's own. */
  readonly config?: string;
  /** Treat the tree as a stranger's: none of its code runs outside a guest, and it gets only what a file outside it allows. */
  readonly untrusted?: boolean;
  /** Abort it to cancel; the promise rejects with CancelledError once nothing is left on the host. */
  readonly signal?: AbortSignal;
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What is to run; without `target` and `jobs`, the default target. */
export interface PlanOptions extends PlaceOptions {
  readonly target?: string;
  readonly jobs?: readonly string[];
  /** `local`, a name of the configuration, or whatever ssh takes: `user@host`, an alias, `ssh://[user@]host[:port]`. */
  readonly on?: string;
  /** Commit to compare with, to find the changed files. */
  readonly base?: string;
  /** Runs what the target's filters would skip. */
  readonly force?: boolean;
}

/** Options of a run, each like the command-line option of the same name. */
export interface RunOptions extends PlanOptions, ReportOptions {
  /** Replaces what is found wrong on the host. */
  readonly repair?: boolean;
  /** Hashes every published file on the host. */
  readonly verify?: boolean;
  /** Runs only the jobs that did not pass last time; cannot be combined with `jobs`. */
  readonly failed?: boolean;
  /** Runs every job, and neither uses nor remembers verdicts. */
  readonly noCache?: boolean;
  /** Leaves the jobs to the host once they run; the record's `state` is then `detached`. */
  readonly detach?: boolean;
  /** Whether a run that is `flaky` has the exit code 1. */
  readonly failOnFlaky?: boolean;
  /** How long the host keeps what failed jobs leave: milliseconds, or a text such as `30m`. */
  readonly keepFailed?: string | number;
}

/** What a run writes in addition to its record. */
export interface ReportOptions {
  /** Writes a JUnit file at the end; relative to `cwd`. */
  readonly junit?: string;
}

/** Id of an earlier run, an unambiguous prefix of one, or `latest`. */
export interface EarlierRun {
  /** Default `latest`. */
  readonly run?: string;
}

/** Which run to repeat, and where. */
export interface RerunOptions extends PlaceOptions, ReportOptions, EarlierRun {
  /** Only the jobs that did not pass. */
  readonly failed?: boolean;
  /** Default: where it ran. */
  readonly on?: string;
  readonly detach?: boolean;
  /** As for `run`. */
  readonly failOnFlaky?: boolean;
}

/** Which run to follow, and for how long. */
export interface AttachOptions extends PlaceOptions, ReportOptions, EarlierRun {
  /** Default: the host in the record; required without a record. */
  readonly on?: string;
  /** False: fetches what has ended, and does not follow what still runs. */
  readonly wait?: boolean;
  /** As for `run`. */
  readonly failOnFlaky?: boolean;
}

/** What to end; `run` is an id, an unambiguous prefix of one, or `latest`. */
export interface CancelOptions extends PlaceOptions {
  readonly run: string;
  /** Only this job. */
  readonly job?: string;
}

/** Which hosts are meant. */
export interface HostsOptions extends PlaceOptions {
  /** Default: every host of the configuration. */
  readonly on?: readonly string[];
}

/** Which hosts to examine, and how. */
export interface DoctorOptions extends HostsOptions {
  /** Marks work dirs of an older pikaci, which have no marker. */
  readonly adopt?: boolean;
}

/** Defaults are those of `pikaci gc`. */
export interface GcOptions extends HostsOptions, Partial<Policy> {
  readonly dryRun?: boolean;
}

/** Which workspace to hash, and who gets the events. */
export interface SnapshotOptions extends PlaceOptions {
  readonly onEvent?: (event: PikaciEvent) => void;
}

/** Which host gets the files, and how much is checked there; `repair` and `verify` as for `run`. */
export interface PublishOptions extends SnapshotOptions {
  readonly on?: string;
  readonly repair?: boolean;
  readonly verify?: boolean;
}
