import { UsageError } from "./errors.ts";
import { quoted } from "./quoted.ts";

declare const brand: unique symbol;

/** The type of strings that one parser has checked. */
export type Brand<Name extends string> = string & { readonly [brand]: Name };

/** 64 lower-case hex digits: the BLAKE3 of a canonical manifest. */
export type ContentHash = Brand<"ContentHash">;
/** `/nix/store/<32 base-32 characters>-<name>`, nothing below it. */
export type StorePath = Brand<"StorePath">;
/** `YYYYMMDDTHHMMSSZ-xxxxxxxx`, UTC; sorts by time. */
export type RunId = Brand<"RunId">;
/**
 * A job's, target's or prepared output's name, safe as one file name. Only a job's may be an instance's: `unit (20, pg)`,
 * which shells, host names and HTML ids take only when it is quoted or rewritten.
 */
export type JobName = Brand<"JobName">;
/** `local` or `ssh://[user@]host[:port]`. */
export type HostUrl = Brand<"HostUrl">;

/** A name as it is configured. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** A value in the name of an instance; the host's `job_name` (src/host/lib/words.sh) takes the same characters. */
const INSTANCE_VALUE = "[A-Za-z0-9._+@-]+";
/** In characters, which are bytes. */
const LONGEST_JOB_NAME = 128;

/** A job's name as it is everywhere else. */
export const JOB_NAME = new RegExp(
  `^(?=.{1,${LONGEST_JOB_NAME}}$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}( \\((${INSTANCE_VALUE}, )*(${INSTANCE_VALUE}|[0-9]+ of [0-9]+)\\))?$`,
);

const patterns = {
  contentHash: /^[0-9a-f]{64}$/,
  storePath: /^\/nix\/store\/[0-9abcdfghijklmnpqrsvwxyz]{32}-[0-9A-Za-z+\-._?=]+$/,
  runId: /^\d{8}T\d{6}Z-[0-9a-f]{8}$/,
  name: NAME,
  jobName: JOB_NAME,
  hostUrl:
    /^(local|ssh:\/\/([A-Za-z0-9_][A-Za-z0-9_.-]*@)?([A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?)$/,
};

function parser<T extends string>(pattern: RegExp, noun: string, hint: string): (text: string) => T {
  return (text) => {
    if (!pattern.test(text)) throw new UsageError(`not a ${noun}: ${quoted(text)}`, { hint });
    return text as T;
  };
}

/** The parsed text; null where the parser throws its UsageError. */
export function orNull<T>(parse: (text: string) => T, text: string): T | null {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

/** UsageError for anything but a content hash. */
export const parseContentHash = parser<ContentHash>(
  patterns.contentHash,
  "content hash",
  "a content hash is 64 lower-case hex digits; `pikaci snapshot` prints one",
);
/** UsageError for anything but a store path, and for what lies below one. */
export const parseStorePath = parser<StorePath>(
  patterns.storePath,
  "store path",
  "a store path is /nix/store/<hash>-<name>; pikaci supports no other store directory",
);
/** UsageError for anything but a whole run id; prefixes and `latest` are looked up in runs/. */
export const parseRunId = parser<RunId>(patterns.runId, "run id", "`pikaci list` shows the run ids");
const NAME_HINT =
  "use letters, digits, `.`, `_` and `-`, starting with a letter or a digit, at most 64 characters";
/** UsageError for what is not safe as a file name and in a shell word: a job as it is configured, a target, a cache. */
export const parseName = parser<JobName>(patterns.name, "name", NAME_HINT);
/** UsageError for anything but a name or that of an instance of a matrix. */
export const parseJobName = parser<JobName>(
  patterns.jobName,
  "name",
  `${NAME_HINT}; an instance of a matrix is written as in \`unit (20, pg)\``,
);

/** The job of the configuration that an instance is of; null for a job that is no instance. */
export function groupOf(job: JobName): JobName | null {
  const end = job.indexOf(" (");
  return end === -1 ? null : parseName(job.slice(0, end));
}

/** The name of an instance of a job, from the texts of its values; null where it cannot be a name. */
export function instanceName(group: string, values: readonly string[]): JobName | null {
  return orNull(parseJobName, `${group} (${values.join(", ")})`);
}

/** UsageError for anything but a host's address; names of hosts in the configuration are not accepted here. */
export const parseHostUrl = parser<HostUrl>(
  patterns.hostUrl,
  "host",
  "write `local` or `ssh://[user@]host[:port]`, or name a host of the configuration's `hosts`",
);

/**
 * A run id for an instant. Ids sort by time, since the first three of the last eight digits are the milliseconds. `random`
 * is 8 lower-case hex digits, of which five are used.
 */
export function makeRunId(now: Date, random: string): RunId {
  const milliseconds = now.getUTCMilliseconds().toString(16).padStart(3, "0");
  return parseRunId(`${now.toISOString().replace(/[-:]|\.\d+/g, "")}-${milliseconds}${random.slice(-5)}`);
}
