import type { PikaciEvent } from "../core/events.ts";
import type { Policy } from "./gc/plan.ts";

/** Where a call works, and how it is stopped. Everything is optional. */
export interface PlaceOptions {
  /** Directory of the project; default: found from the current directory upwards. */
  readonly cwd?: string;
  /** Configuration file, relative to `cwd`; default: the workspace's own. */
  readonly config?: string;
  /** Treat the tree as a stranger's: none of its code runs outside a guest, and it has what a file outside of it allows. */
  readonly untrusted?: boolean;
  /** Abort it to cancel; the promise then settles when nothing is left on the host, by rejecting with CancelledError. */
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

/** How a run goes; every option is as the command line's of the same name. */
export interface RunOptions extends PlanOptions, ReportOptions {
  /** Replaces what is found wrong on the host. */
  readonly repair?: boolean;
  /** Hashes every published file on the host. */
  readonly verify?: boolean;
  /** Runs only the jobs that did not pass last time; goes without `jobs`. */
  readonly failed?: boolean;
  /** Runs every job, and neither uses nor remembers verdicts. */
  readonly noCache?: boolean;
  /** Leaves the jobs to the host once they run; the record's `state` is then `detached`. */
  readonly detach?: boolean;
  /** Keeps what failed jobs leave on the host for so long: milliseconds, or as in `30m`. */
  readonly keepFailed?: string | number;
}

/** What a run writes besides its record. */
export interface ReportOptions {
  /** Writes a JUnit file at the end; relative to `cwd`. */
  readonly junit?: string;
}

/** Id of an earlier run, an unambiguous prefix of one, or `latest`. */
export interface EarlierRun {
  /** Default `latest`. */
  readonly run?: string;
}

/** Which run is repeated, and where. */
export interface RerunOptions extends PlaceOptions, ReportOptions, EarlierRun {
  /** Only the jobs that did not pass. */
  readonly failed?: boolean;
  /** Default: where it ran. */
  readonly on?: string;
  readonly detach?: boolean;
}

/** Which run is followed, and for how long. */
export interface AttachOptions extends PlaceOptions, ReportOptions, EarlierRun {
  /** Default: the host of the record; needed where there is none. */
  readonly on?: string;
  /** False: fetches what has ended, and does not follow what still runs. */
  readonly wait?: boolean;
}

/** What is ended; `run` is an id, an unambiguous prefix of one, or `latest`. */
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

/** Which hosts are looked at, and how. */
export interface DoctorOptions extends HostsOptions {
  /** Takes work dirs of an older pikaci, which have no marker. */
  readonly adopt?: boolean;
}

/** What is left out is as for `pikaci gc`. */
export interface GcOptions extends HostsOptions, Partial<Policy> {
  readonly dryRun?: boolean;
}

/** Whose files are hashed, and who is told. */
export interface SnapshotOptions extends PlaceOptions {
  readonly onEvent?: (event: PikaciEvent) => void;
}

/** Where the files go, and how much is checked there; `repair` and `verify` as for `run`. */
export interface PublishOptions extends SnapshotOptions {
  readonly on?: string;
  readonly repair?: boolean;
  readonly verify?: boolean;
}
