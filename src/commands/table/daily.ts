import type { CommandSpec } from "../spec.ts";
import {
  care,
  failOnFlaky,
  json,
  NIX_REST,
  nix,
  oneJob,
  onHost,
  place,
  QUIET_OR_VERBOSE,
  report,
  selection,
  someRun,
  target,
} from "./options.ts";

export const run = {
  describe: "Run jobs on a host and fetch their results",
  positionals: { target },
  options: {
    ...selection,
    failed: {
      type: "flag",
      describe: "Only the jobs that did not pass last time (of TARGET, if given), on the tree as it is now",
    },
    dryRun: { type: "flag", describe: "Only show what would be done, like Nix's" },
    detach: { type: "flag", describe: "Return once the jobs run on the host; `attach` follows them" },
    cache: {
      type: "flag",
      default: true,
      describe: "Run every job, remember no verdict, and forget a pass that a failure contradicts",
    },
    refreshCache: { type: "flag", describe: "Run every job, and remember the verdicts" },
    sharedCache: {
      type: "flag",
      default: true,
      describe: "Ask for no verdict that others have shared, and share none",
    },
    keepFailed: {
      type: "text",
      value: "TIME",
      describe: "Keep what failed jobs leave on the host for this time, as in 30m; `shell` can enter it",
    },
    shellOnFailure: {
      type: "flag",
      describe: "At the end, open a shell in what the first failed job left, kept for 1h; needs a terminal",
    },
    failOnFlaky,
    ...care,
    ...report,
    json,
    ...place,
    ...nix,
  },
  conflicts: [
    QUIET_OR_VERBOSE,
    ["dryRun", "events"],
    ["dryRun", "junit"],
    ["failed", "job"],
    ["shellOnFailure", "dryRun"],
    ["shellOnFailure", "detach"],
    ["shellOnFailure", "json"],
  ],
  rest: NIX_REST,
  examples: [
    ["pikaci run", "the default target on the default host"],
    ["pikaci run check --on builder", "a target on another machine"],
    ["pikaci run --job unit --job lint --json", "two jobs, the record as JSON on stdout"],
    ["pikaci run --failed", "what did not pass last time, on the tree as it is now"],
    ["pikaci run -q --events - | jq .type", "every event as a line of JSON on stdout"],
  ],
} as const satisfies CommandSpec;

const { verbose, quiet, printBuildLogs, events } = report;

export const watch = {
  describe: "Stay connected, and run what a change touches, at every change",
  positionals: { target },
  options: { ...selection, failOnFlaky, verbose, quiet, printBuildLogs, events, ...place, ...nix },
  conflicts: [QUIET_OR_VERBOSE],
  rest: NIX_REST,
  examples: [
    ["pikaci watch", "the default target on the default host"],
    ["pikaci watch check --on builder", "a target on another machine"],
    ["pikaci watch --job unit", "one job"],
  ],
  epilogue:
    "Keys: r runs all jobs again, f those that did not pass, l shows a log, q leaves. The exit code is that of the latest verdicts.",
} as const satisfies CommandSpec;

export const plan = {
  describe: "Show what run would do",
  positionals: { target },
  options: { ...selection, json, ...place, ...nix },
  rest: NIX_REST,
  examples: [
    ["pikaci plan", "the default target's nodes"],
    ["pikaci plan check --json", "as data, like a run's plan.json"],
  ],
} as const satisfies CommandSpec;

export const rerun = {
  describe: "Run the exact snapshot of an earlier run again",
  positionals: { run: someRun },
  options: {
    failed: { type: "flag", describe: "Only the jobs that did not pass" },
    on: onHost,
    failOnFlaky,
    ...report,
    json,
    ...place,
    ...nix,
  },
  conflicts: [QUIET_OR_VERBOSE],
  rest: NIX_REST,
  examples: [
    ["pikaci rerun --failed", "what did not pass in the latest run"],
    ["pikaci rerun latest --on builder", "all of it, on another machine"],
  ],
} as const satisfies CommandSpec;

export const status = {
  describe: "Show one run: verdicts, hashes, artifacts",
  positionals: { run: someRun },
  options: {
    timing: { type: "flag", describe: "Show when each stage and each job ran, as a waterfall" },
    json,
    ...place,
  },
  examples: [
    ["pikaci status", "the latest run"],
    ["pikaci status --timing", "where its time went"],
    ["pikaci status latest --json", "its record"],
  ],
} as const satisfies CommandSpec;

export const logs = {
  describe: "Print the logs of a run's jobs",
  positionals: { run: someRun },
  options: {
    job: { type: "text", value: "JOB", describe: "Only this job's log" },
    kind: {
      type: "choice",
      choices: ["guest", "host", "both"],
      default: "guest",
      describe: "The job's output, that of the host and Nix, or both",
    },
    service: {
      type: "text",
      value: "NAME",
      describe: "The log of this service of the jobs, which comes when they have ended",
    },
    follow: { type: "flag", short: "f", describe: "Follow the log until the run ends" },
    raw: { type: "flag", describe: "Print the bytes unchanged, terminal escapes included" },
    from: {
      type: "count",
      value: "BYTE",
      default: 0,
      describe: "Start at this byte; for a single log only",
    },
    ...place,
  },
  examples: [
    ["pikaci logs", "the logs of the latest run's jobs"],
    ["pikaci logs latest --job unit --kind both -f", "both logs of one job, as they come"],
    ["pikaci logs --job unit --service db", "what a service beside the job printed"],
    ["pikaci logs --job unit --raw --from 4096", "what came after the first 4096 bytes"],
  ],
} as const satisfies CommandSpec;

export const why = {
  describe: "Say why a job will run, or why it will not",
  positionals: { job: oneJob },
  options: { json, ...place },
  examples: [["pikaci why unit", "what changed of all that its verdict depends on"]],
} as const satisfies CommandSpec;

export const shell = {
  describe: "Open a shell in the guest that a job would get",
  positionals: { job: oneJob },
  options: {
    on: onHost,
    run: {
      type: "text",
      value: "RUN",
      names: "run",
      describe: "Use the snapshot and the job of an earlier run: its id, an unambiguous prefix, or latest",
    },
    runner: {
      type: "text",
      value: "SHAPE",
      describe: "Use another machine shape than the job's: a backend, or JSON as for `render`",
    },
    quiet: { type: "flag", short: "q", describe: "Print only what the guest prints" },
    ...place,
  },
  rest: "A command to run instead of a shell; pikaci exits with its exit code",
  examples: [
    ["pikaci shell unit", "a shell where the job unit would run"],
    ["pikaci shell unit -- npm test", "one command there"],
  ],
  epilogue: "Type Enter ~ . to leave a shell that does not answer.",
} as const satisfies CommandSpec;
