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
    describe: "Directory of the project; default: found from here upwards",
  },
  config: {
    type: "text",
    value: "FILE",
    names: "file",
    describe: "Configuration file; default: pikaci.config.{ts,mjs,json}, else flake.nix",
  },
  untrusted: {
    type: "flag",
    describe: "The tree is a stranger's: none of its code runs outside a guest",
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
  repair: { type: "flag", describe: "Replace what is found wrong on the host" },
  verify: {
    type: "flag",
    describe: "Hash every published file on the host, also of what was there already",
  },
} as const satisfies Options;

/** How a run that is followed is shown. */
export const report = {
  verbose: { type: "flag", short: "v", describe: "Say more; on a terminal, every log as it comes" },
  quiet: { type: "flag", short: "q", describe: "Only the verdicts" },
  printBuildLogs: { type: "flag", short: "L", describe: "Show what builders print, as Nix's -L" },
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

export const QUIET_OR_VERBOSE = ["verbose", "quiet"] as const;

/** What decides what a run or a plan is about. */
export const selection = {
  job: { type: "list", value: "JOB", describe: "Only this job (repeatable)" },
  on: onHost,
  base: { type: "text", value: "COMMIT", describe: "Commit that changed files are taken against" },
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
    describe: "Set a setting (repeatable)",
  },
  overrideInput: {
    type: "pairs",
    values: ["INPUT", "FLAKE"],
    group: "nix",
    describe: "Another flake for an input (repeatable)",
  },
  impure: { type: "flag", group: "nix", describe: "Let evaluation see more than its inputs" },
  acceptFlakeConfig: { type: "flag", group: "nix", describe: "Follow the flake's nixConfig" },
  refresh: { type: "flag", group: "nix", describe: "Take what was downloaded as out of date" },
  offline: { type: "flag", group: "nix", describe: "No substituters, nothing out of date" },
  keepGoing: { type: "flag", short: "k", group: "nix", describe: "Build the rest after a failure" },
  showTrace: { type: "flag", group: "nix", describe: "Whole traces of evaluation errors" },
  maxJobs: {
    type: "text",
    value: "N",
    short: "j",
    group: "nix",
    describe: "Builds at once; 0: on other machines only",
  },
  cores: { type: "text", value: "N", group: "nix", describe: "Cores that a build may use" },
  builders: { type: "text", value: "MACHINES", group: "nix", describe: "Other machines to build on" },
} as const satisfies Options;

export const NIX_REST = "Words for `nix build`, as they are";
