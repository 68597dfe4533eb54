import type { CommandSpec } from "../spec.ts";
import { json, onHosts, place } from "./options.ts";

export const init = {
  describe: "Write a configuration for the project as it is",
  options: {
    checks: { type: "flag", describe: "Evaluate flake.nix to see which checks it has" },
    json,
    ...place,
  },
  examples: [
    ["pikaci init", "writes pikaci.config.mjs, and says what it assumed and left out"],
    ["pikaci init --json", "prints it instead, and writes nothing"],
  ],
} as const satisfies CommandSpec;

export const importFiles = {
  describe: "Write a configuration of the jobs in files of GitHub's or GitLab's",
  positionals: {
    files: {
      type: "list",
      value: "FILE",
      describe: "Workflows and GitLab files; default: .github/workflows and .gitlab-ci.yml",
    },
  },
  options: {
    out: {
      type: "text",
      value: "FILE",
      names: "file",
      describe: "Where to write; default: pikaci.config.mjs in the workspace",
    },
    force: { type: "flag", describe: "Replace the file, or write it beside another configuration" },
    json,
    ...place,
  },
  conflicts: [
    ["json", "out"],
    ["json", "force"],
  ],
  examples: [
    ["pikaci import", "the jobs of all files that are found, and what could not be taken"],
    ["pikaci import .github/workflows/ci.yml --out ci.mjs", "one file's, for `pikaci run --config ci.mjs`"],
  ],
} as const satisfies CommandSpec;

export const doctor = {
  describe: "Look for what would make a run fail, here and on hosts",
  options: {
    on: onHosts,
    adopt: {
      type: "flag",
      describe: "Mark the work dir of an older pikaci as pikaci's, so that it can be used and swept",
    },
    json,
    ...place,
  },
  examples: [["pikaci doctor", "each finding with its fix; exit code 1 when a run would fail"]],
} as const satisfies CommandSpec;

export const completion = {
  describe: "Print shell completion, or the manual page",
  positionals: {
    shell: {
      type: "choice",
      choices: ["bash", "zsh", "fish", "man"],
      required: true,
      describe: "The shell to complete in; man: the manual page",
    },
  },
  options: {},
  examples: [
    ["pikaci completion bash", "for `source <(pikaci completion bash)`"],
    ["pikaci completion man", "for `pikaci completion man | man -l -`"],
  ],
} as const satisfies CommandSpec;
