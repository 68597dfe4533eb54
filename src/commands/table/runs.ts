import type { CommandSpec } from "../spec.ts";
import {
  failOnFlaky,
  json,
  oneRun,
  place,
  QUIET_OR_VERBOSE,
  report as reportOptions,
  someRun,
} from "./options.ts";

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
    open: { type: "flag", describe: "Open it in the browser" },
    ...place,
  },
  examples: [
    ["pikaci report", "the latest run's; prints the file's path"],
    ["pikaci report latest --out report.html", "a file to pass on; the logs are in it"],
  ],
} as const satisfies CommandSpec;

export const compare = {
  describe: "Compare two runs: what became of each job, and which inputs changed",
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

export const history = {
  describe: "Show how often jobs passed, which are flaky, and which are slower than usual",
  positionals: {
    job: {
      type: "text",
      value: "JOB",
      describe: "This job at length, with its tests; default: all in a table",
    },
  },
  options: {
    limit: {
      type: "count",
      value: "N",
      default: 200,
      describe: "Look at the newest N runs; 0: all",
    },
    json,
    ...place,
  },
  examples: [
    ["pikaci history", "every job in a line"],
    ["pikaci history unit --limit 50", "one job: the same input that failed and passed, slow tests"],
    ["pikaci history --json", "the same as data, with every attempt"],
  ],
} as const satisfies CommandSpec;

export const ui = {
  describe: "Show the runs in a browser as they happen: a page of this machine, for this account",
  options: {
    port: { type: "count", value: "PORT", default: 0, describe: "Port on 127.0.0.1; 0: any free one" },
    open: { type: "flag", describe: "Open it in the browser" },
    ...place,
  },
  examples: [
    ["pikaci ui", "prints the address to open; Ctrl-C ends it"],
    ["pikaci ui --open --port 8080", "at a port of your own choice"],
  ],
} as const satisfies CommandSpec;

export const attach = {
  describe: "Follow a run that has no client, and fetch its results",
  positionals: { run: someRun },
  options: {
    on: {
      type: "text",
      value: "HOST",
      describe: "Host that it runs on; needed when there is no record of the run here",
    },
    failOnFlaky,
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
  describe: "Keep a run and its snapshot from being removed by `gc`",
  positionals: { run: oneRun },
  options: { remove: { type: "flag", describe: "Unpin it" }, ...place },
  examples: [["pikaci pin latest", "so that it can be run again in a year"]],
} as const satisfies CommandSpec;

export const verify = {
  describe: "Check a run's record, logs, artifacts and verdicts against their digests and seals",
  positionals: { run: someRun },
  options: { json, ...place },
  examples: [
    ["pikaci verify", "the latest run; exits 4, with a line for each thing that is not as recorded"],
    ["pikaci verify 20260101T1200 --json", "what is wrong, and what could not be checked"],
  ],
} as const satisfies CommandSpec;

export const attest = {
  describe: "Sign what a run was about and what came of it, with an SSH key",
  positionals: { run: someRun },
  options: {
    key: {
      type: "text",
      value: "FILE",
      names: "file",
      describe: "Key to sign with; default: git's user.signingkey, else ~/.ssh/id_ed25519",
    },
    out: { type: "text", value: "FILE", names: "file", describe: "File to write; default: stdout" },
    ...place,
  },
  examples: [
    ["pikaci attest --out run.json", "the latest run, as an in-toto statement in a DSSE envelope"],
    ["pikaci attest latest --key ~/.ssh/ci.pub", "by a key that ssh-agent has"],
  ],
} as const satisfies CommandSpec;

export const verifyAttestation = {
  describe: "Check a signed run, and whether it stands for a run of this tree",
  positionals: {
    file: {
      type: "text",
      value: "FILE",
      names: "file",
      required: true,
      describe: "What `attest` wrote",
    },
    target: {
      type: "text",
      value: "TARGET",
      describe: "With --tree: the target that must have passed; default: its defaultTarget",
    },
  },
  options: {
    allowedSigners: {
      type: "text",
      value: "FILE",
      names: "file",
      describe: "Who may sign, as ssh-keygen(1) has it; outside of the tree (required)",
    },
    signer: { type: "text", value: "NAME", describe: "Only this principal of the allowed signers" },
    tree: {
      type: "flag",
      describe: "It must stand for a run of the jobs of --config on the workspace as it is now",
    },
    job: { type: "list", value: "JOB", describe: "With --tree: only this job must have passed (repeatable)" },
    maxAge: {
      type: "text",
      value: "TIME",
      default: "7d",
      describe: "With --tree: refuse what ran longer ago than this, at most 24d",
    },
    run: {
      type: "text",
      value: "RUN",
      names: "run",
      describe: "It must say what the record of this run of the workspace says",
    },
    json,
    ...place,
  },
  examples: [
    [
      "pikaci verify-attestation run.json --allowed-signers ../base/.ci/signers --tree --config ../base/pikaci.config.ts",
      "whether it stands for a run of this tree; exits 4 with a reason each",
    ],
    [
      "pikaci verify-attestation run.json --allowed-signers ~/.ssh/allowed_signers",
      "who signed it, and what it says",
    ],
  ],
} as const satisfies CommandSpec;
