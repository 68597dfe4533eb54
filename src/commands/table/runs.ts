import type { CommandSpec } from "../spec.ts";
import { json, oneRun, place, QUIET_OR_VERBOSE, report as reportOptions, someRun } from "./options.ts";

export const list = {
  describe: "List the workspace's runs, newest first",
  options: { json, ...place },
  examples: [
    ["pikaci list", "every run with its verdict"],
    ["pikaci list --json", "the records; a broken one has `broken` instead"],
  ],
} as const satisfies CommandSpec;

export const report = {
  describe: "Write a run's report: one HTML file",
  positionals: { run: someRun },
  options: {
    out: {
      type: "text",
      value: "FILE",
      names: "file",
      describe: "File to write; default: report.html in the run's directory",
    },
    open: { type: "flag", describe: "Show it in the browser" },
    ...place,
  },
  examples: [
    ["pikaci report", "the latest run's, and where it lies"],
    ["pikaci report latest --out report.html", "to give to others; the logs are in it"],
  ],
} as const satisfies CommandSpec;

export const compare = {
  describe: "Show what became of jobs from one run to another, and which inputs changed",
  positionals: {
    before: {
      type: "text",
      value: "BEFORE",
      names: "run",
      describe: "Run id or a prefix of one; default: the latest two finished runs of the same target",
    },
    after: {
      type: "text",
      value: "AFTER",
      names: "run",
      describe: "Run id or a prefix of one; default: latest",
    },
  },
  options: { json, ...place },
  examples: [
    ["pikaci compare", "the latest two finished runs of the same target"],
    ["pikaci compare 20260101T1200 latest", "newly failing, fixed, slower; changed inputs"],
  ],
} as const satisfies CommandSpec;

export const attach = {
  describe: "Follow a run that goes on without a client, and fetch its results",
  positionals: { run: someRun },
  options: {
    on: {
      type: "text",
      value: "HOST",
      describe: "Host that it runs on; needed where the run has no record",
    },
    ...reportOptions,
    json,
    ...place,
  },
  conflicts: [QUIET_OR_VERBOSE],
  examples: [
    ["pikaci attach", "the latest run; Ctrl-C leaves it running"],
    ["pikaci attach 20260102T030405Z-0a1b2c3d --on builder", "a run of another machine"],
  ],
} as const satisfies CommandSpec;

export const cancel = {
  describe: "End a run, and say when nothing of it is left",
  positionals: { run: oneRun },
  options: { job: { type: "text", value: "JOB", describe: "Only this job" }, json, ...place },
  examples: [
    ["pikaci cancel latest", "the latest run, wherever its client is"],
    ["pikaci cancel latest --job unit", "one job of it; the others go on"],
  ],
} as const satisfies CommandSpec;

export const pin = {
  describe: "Keep a run and its snapshot from being collected",
  positionals: { run: oneRun },
  options: { remove: { type: "flag", describe: "Let go of it again" }, ...place },
  examples: [["pikaci pin latest", "so that it can be run again in a year"]],
} as const satisfies CommandSpec;

export const verify = {
  describe: "Compare a run's record, logs, artifacts and verdicts with their digests and seals",
  positionals: { run: someRun },
  options: { json, ...place },
  examples: [
    ["pikaci verify", "the latest run; exit 4 and a line each for what is not as it was recorded"],
    ["pikaci verify 20260101T1200 --json", "what is wrong, and what could not be checked"],
  ],
} as const satisfies CommandSpec;
