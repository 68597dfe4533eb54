import type { CommandSpec, OptionSpec, PositionalSpec } from "../spec.ts";

type Options = CommandSpec["options"];

export const json = { type: "flag", describe: "Print JSON on stdout" } as const satisfies OptionSpec;

/** Every command works on a project. */
export const place = {
  workspace: {
    type: "text",
    value: "DIR",
    short: "C",
    names: "directory",
    describe: "Project directory; default: the nearest one from here upwards",
  },
  config: {
    type: "text",
    value: "FILE",
    names: "file",
    describe: "Configuration file; default: pikaci.config.{ts,mjs,json}, else flake.nix",
  },
  untrusted: {
    type: "flag",
    describe: "Treat the tree as a stranger's: none of its code runs outside a guest",
  },
} as const satisfies Options;

const aRun = "Run id, an unambiguous prefix of one, or latest";

export const someRun = {
  type: "text",
  value: "RUN",
  names: "run",
  default: "latest",
  describe: aRun,
} as const satisfies PositionalSpec;

export const oneRun = {
  type: "text",
  value: "RUN",
  names: "run",
  required: true,
  describe: aRun,
} as const satisfies PositionalSpec;

export const oneJob = {
  type: "text",
  value: "JOB",
  required: true,
  describe: "A job of the configuration",
} as const satisfies PositionalSpec;

export const onHost = {
  type: "text",
  value: "HOST",
  describe: "Host: local, a name of the configuration, or whatever ssh takes",
} as const satisfies OptionSpec;

export const onHosts = {
  type: "list",
  value: "HOST",
  describe: "Only this host (repeatable); default: every host of the configuration",
} as const satisfies OptionSpec;

export const care = {
  repair: { type: "flag", describe: "Replace what does not match its hash on the host" },
  verify: {
    type: "flag",
    describe: "Hash every published file on the host, also when the tree was there already",
  },
} as const satisfies Options;

/** How a run that is followed is shown. */
export const report = {
  verbose: { type: "flag", short: "v", describe: "Print more; on a terminal, every log as it comes" },
  quiet: { type: "flag", short: "q", describe: "Print only the verdicts" },
  printBuildLogs: { type: "flag", short: "L", describe: "Show what builders print, like Nix's -L" },
  events: {
    type: "text",
    value: "FILE",
    names: "file",
    describe: "Write every event as a line of JSON to this file, or to stdout (-)",
  },
  junit: {
    type: "text",
    value: "FILE",
    names: "file",
    describe: "Write a JUnit file: the jobs, and the tests of JUnit and TAP files in their artifacts",
  },
} as const satisfies Options;

export const failOnFlaky = {
  type: "flag",
  describe:
    "Exit with 1 when a job is flaky: it passed at a later attempt, or only tests in quarantine failed",
} as const satisfies OptionSpec;

export const QUIET_OR_VERBOSE = ["verbose", "quiet"] as const;

/** What decides what a run or a plan is about. */
export const selection = {
  job: { type: "list", value: "JOB", describe: "Only this job (repeatable)" },
  on: onHost,
  base: { type: "text", value: "COMMIT", describe: "Commit to compare with, to find the changed files" },
  force: { type: "flag", describe: "Run what the target's filters would skip" },
} as const satisfies Options;

export const target = {
  type: "text",
  value: "TARGET",
  describe: "A target of the configuration; default: its defaultTarget",
} as const satisfies PositionalSpec;

/** Nix's own flags, each with Nix's meaning. */
export const nix = {
  option: {
    type: "pairs",
    values: ["NAME", "VALUE"],
    group: "nix",
    describe: "Set a Nix setting (repeatable)",
  },
  overrideInput: {
    type: "pairs",
    values: ["INPUT", "FLAKE"],
    group: "nix",
    describe: "Use another flake for an input (repeatable)",
  },
  impure: { type: "flag", group: "nix", describe: "Let evaluation see more than its inputs" },
  acceptFlakeConfig: { type: "flag", group: "nix", describe: "Accept the flake's nixConfig" },
  refresh: { type: "flag", group: "nix", describe: "Treat downloaded files as out of date" },
  offline: { type: "flag", group: "nix", describe: "Use no substituters, and treat nothing as out of date" },
  keepGoing: { type: "flag", short: "k", group: "nix", describe: "Keep building the rest after a failure" },
  showTrace: { type: "flag", group: "nix", describe: "Show full traces of evaluation errors" },
  maxJobs: {
    type: "text",
    value: "N",
    short: "j",
    group: "nix",
    describe: "Number of builds at once; 0: on other machines only",
  },
  cores: { type: "text", value: "N", group: "nix", describe: "Cores that a build may use" },
  builders: { type: "text", value: "MACHINES", group: "nix", describe: "Other machines to build on" },
} as const satisfies Options;

export const NIX_REST = "Passed to `nix build` unchanged";
