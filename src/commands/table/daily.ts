import type { CommandSpec } from "../spec.ts";
import {
  care,
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
      describe:
        "Only the jobs that did not pass last time (of the target, if one is named), on the tree of now",
    },
    dryRun: { type: "flag", describe: "Show what would be done, and do nothing, as Nix's" },
    detach: { type: "flag", describe: "Leave the jobs to the host once they run; `attach` follows them" },
    cache: {
      type: "flag",
      default: true,
      describe: "Run every job, remember no verdict, and forget a pass that a failure contradicts",
    },
    refreshCache: { type: "flag", describe: "Run every job, and remember the verdicts" },
    keepFailed: {
      type: "text",
      value: "TIME",
      describe: "Keep what failed jobs leave on the host for so long (30m); `shell` can enter it",
    },
    shellOnFailure: {
      type: "flag",
      describe:
        "On a terminal: at the end, a shell in what the first failed job left; keeps it for 1h, as --keep-failed",
    },
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
    ["pikaci run --failed", "what did not pass last time, on the tree of now"],
    ["pikaci run -q --events - | jq .type", "every event as a line of JSON on stdout"],
  ],
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
  describe: "Run the very snapshot of an earlier run again",
  positionals: { run: someRun },
  options: {
    failed: { type: "flag", describe: "Only the jobs that did not pass" },
    on: onHost,
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
  describe: "Print what the jobs of a run said",
  positionals: { run: someRun },
  options: {
    job: { type: "text", value: "JOB", describe: "Only this job's" },
    kind: {
      type: "choice",
      choices: ["guest", "host", "both"],
      default: "guest",
      describe: "What the job said, what host and Nix said, or both",
    },
    follow: { type: "flag", short: "f", describe: "Go on until the run ends" },
    raw: { type: "flag", describe: "The bytes as they were, with terminal escapes" },
    from: {
      type: "count",
      value: "BYTE",
      default: 0,
      describe: "Begin at this byte of the log; only of one log",
    },
    ...place,
  },
  examples: [
    ["pikaci logs", "what the jobs of the latest run said"],
    ["pikaci logs latest --job unit --kind both -f", "all about one job, as it comes"],
    ["pikaci logs --job unit --raw --from 4096", "what came after the first 4096 bytes"],
  ],
} as const satisfies CommandSpec;

export const why = {
  describe: "Say why a job will run, or why its verdict is known",
  positionals: { job: oneJob },
  options: { json, ...place },
  examples: [["pikaci why unit", "which part of what its verdict depends on changed"]],
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
      describe: "The snapshot and the job of an earlier run: its id, an unambiguous prefix of one, or latest",
    },
    runner: {
      type: "text",
      value: "SHAPE",
      describe: "Another machine shape than the job's: a backend, or JSON as for `render`",
    },
    quiet: { type: "flag", short: "q", describe: "Only the guest's own words" },
    ...place,
  },
  rest: "A command instead of a shell; its exit code is pikaci's",
  examples: [
    ["pikaci shell unit", "a shell where the job unit would run"],
    ["pikaci shell unit -- npm test", "one command there"],
  ],
  epilogue: "Enter ~ . leaves a shell that does not answer.",
} as const satisfies CommandSpec;
