import { meaning, optionHead, type WrittenCommand } from "../written.ts";

const EXIT_CODES: readonly (readonly [string, string])[] = [
  ["0", "passed, or skipped because nothing that matters changed"],
  ["1", "a job failed"],
  ["2", "command line or configuration"],
  ["3", "infrastructure: host, network, disk, Nix, or a mismatch"],
  ["4", "trust: unknown or changed host key, missing signature"],
  ["5", "the tree cannot be taken as a snapshot"],
  ["124", "a deadline passed: boot, run or prepare"],
  ["130, 143", "cancelled by Ctrl-C or SIGTERM"],
];

/** The manual page pikaci(1). */
export function manPage(commands: readonly WrittenCommand[], version: string): string {
  return [
    `.TH PIKACI 1 "" "pikaci ${roff(version)}"`,
    ".SH NAME",
    "pikaci \\- run the CI jobs of the working tree you have right now on a Nix build host",
    ".SH SYNOPSIS",
    ".B pikaci",
    ".I command",
    ".RI [ options ]",
    ".SH DESCRIPTION",
    "pikaci takes the working tree as it is, dirty and untracked files and all, and runs its jobs on a build host,",
    "in guests, as if that host were this machine.",
    "Data goes to stdout, everything else to stderr.",
    ".SH COMMANDS",
    ...commands.flatMap(commandLines),
    ".SH EXIT STATUS",
    ...EXIT_CODES.flatMap(([code, meaning]) => [".TP", `.B ${code}`, roff(meaning)]),
    ".SH FILES",
    ".TP",
    ".I pikaci.config.ts, pikaci.config.mjs, pikaci.config.json, flake.nix",
    "the first of them is the configuration",
    ".TP",
    ".I .pikaci/runs",
    "a directory for each run: its record, events, logs and artifacts",
    "",
  ].join("\n");
}

function commandLines({
  usage,
  describe,
  positionals,
  options,
  rest,
  examples,
  epilogue,
}: WrittenCommand): string[] {
  return [
    `.SS pikaci ${roff(usage)}`,
    `${roff(describe)}.`,
    ...positionals.flatMap((one) => [".TP", `.I ${roff(one.value)}`, line(meaning(one))]),
    ...(rest === null ? [] : [".TP", `.I ${roff("-- WORDS...")}`, line(rest)]),
    ...options.flatMap((one) => [".TP", `.B ${roff(optionHead(one))}`, line(meaning(one))]),
    ...examples.flatMap(([command, text]) => [".TP", `.I ${roff(command)}`, line(text)]),
    ...(epilogue === null ? [] : [".PP", line(epilogue)]),
  ];
}

/** A line of text; one that begins with a control character of roff is no request. */
function line(text: string): string {
  return /^[.']/.test(text) ? `\\&${roff(text)}` : roff(text);
}

function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("\n", " ");
}
