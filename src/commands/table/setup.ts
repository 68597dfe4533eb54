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
