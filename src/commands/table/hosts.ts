import type { CommandSpec } from "../spec.ts";
import { care, json, onHost, onHosts, place } from "./options.ts";

export const gc = {
  describe: "Remove what is no longer needed, here and on hosts",
  options: {
    on: onHosts,
    dryRun: { type: "flag", describe: "Only say what would be removed, and why" },
    keepLast: { type: "count", value: "N", default: 20, describe: "Keep the newest N runs and snapshots" },
    keepFailed: {
      type: "count",
      value: "N",
      default: 10,
      describe: "Also keep the newest N runs that did not pass",
    },
    maxAge: {
      type: "text",
      value: "TIME",
      default: "14d",
      describe: "Remove what was not used for this time",
    },
    maxSize: {
      type: "text",
      value: "SIZE",
      describe:
        "Limit for runs, snapshots and caches together, here and on each host; the longest unused go first",
    },
    json,
    ...place,
  },
  examples: [
    ["pikaci gc --dry-run", "what would be removed, why, and how many bytes"],
    ["pikaci gc --on builder --max-size 20GB", "one host, until the rest is at most 20 GB"],
  ],
} as const satisfies CommandSpec;

export const publish = {
  describe: "Put the workspace on a host without running anything",
  options: { on: onHost, ...care, json, ...place },
  examples: [
    ["pikaci publish --on builder", "so that the first run finds it there"],
    ["pikaci publish --json", "the content hash and the directory, as data"],
  ],
} as const satisfies CommandSpec;

export const copy = {
  describe: "Copy store paths to a host, from one, or between two",
  positionals: { paths: { type: "list", value: "PATH", describe: "Store paths, or links to them" } },
  options: {
    from: { type: "text", value: "HOST", describe: "Host to copy from" },
    to: { type: "text", value: "HOST", describe: "Host to copy to" },
    run: { type: "text", value: "RUN", names: "run", describe: "Also what this run prepared" },
    outLink: {
      type: "text",
      value: "FILE",
      short: "o",
      names: "file",
      describe: "With --from: make this link, which keeps the path from garbage collection, like Nix's",
    },
    substituteOnDestination: {
      type: "flag",
      short: "s",
      describe: "Like Nix's: the destination fetches what its substituters have",
    },
    checkSigs: {
      type: "flag",
      default: true,
      describe: "Like Nix's: accept paths that no trusted key signed",
    },
    json,
    ...place,
  },
  examples: [
    ["pikaci copy --from builder --run latest -o result", "what the latest run prepared, to this machine"],
    ["pikaci copy --to builder ./result", "a build of this machine, with all it needs"],
  ],
} as const satisfies CommandSpec;

export const snapshot = {
  describe: "Hash the workspace as it is now, and say what each rule leaves out",
  options: {
    explain: {
      type: "text",
      value: "PATH",
      names: "file",
      describe: "Say why this path is in the snapshot or not",
    },
    diff: {
      type: "words",
      value: "A [B]",
      describe: "Show what changed from one tree to another; default for B: the workspace",
    },
    json,
    ...place,
  },
  conflicts: [["explain", "diff"]],
  examples: [
    ["pikaci snapshot", "the content hash, and what each rule leaves out"],
    ["pikaci snapshot --json -C ../other", "the same of another directory, as data"],
    ["pikaci snapshot --explain dist/app.js", "which rule includes it or leaves it out"],
    ["pikaci snapshot --diff latest", "what changed since the latest run"],
  ],
  epilogue:
    "A and B are each a content hash or a run id, the start of one, `latest`, or `.` for the workspace.",
} as const satisfies CommandSpec;

export const render = {
  describe: "Write a runner's flake",
  options: {
    runner: {
      type: "text",
      value: "SHAPE",
      default: "sandbox",
      describe: "Machine shape: a backend, or JSON like the configuration's `runner`",
    },
    out: {
      type: "text",
      value: "DIR",
      names: "directory",
      describe: "New directory to write the flake into",
    },
    json,
    ...place,
  },
  examples: [
    ["pikaci render", "the content hash and the files of the sandbox runner"],
    [
      `pikaci render --runner '{"backend":"microvm","hypervisor":"crosvm"}'`,
      "NixOS, by the workspace's flake.lock",
    ],
    ["pikaci render --out DIR", "the flake itself, for `nix build path:DIR#runner`"],
  ],
} as const satisfies CommandSpec;
