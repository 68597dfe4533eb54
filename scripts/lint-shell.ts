import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { PROGRAMS, programText, terminalProgram } from "../src/remote/programs.ts";
import { setUpFor } from "./setup/ensure.ts";

/** Host programs are checked with their libraries; other scripts as they lie here. */
function shellcheck(name: string, script: string, options: readonly string[] = []): boolean {
  const { status, stdout } = spawnSync("shellcheck", [...options, "-"], { input: script, encoding: "utf8" });
  if (status !== 0) console.error(`${name}:\n${stdout}`);
  return status === 0;
}

/** A library's functions that a program does not call, and traps, are no unreachable code. */
const programOptions = ["--shell=sh", "--exclude=SC2317"];

setUpFor("lint");
const programs = PROGRAMS.map((name) => [name, programText(name)] as const);
const others = [
  "findings",
  "test/fixtures/microvm",
  "test/fixtures/power-cut",
  "test/fresh",
  "test/lab",
  "nix/runners",
].flatMap((root) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .filter((path) =>
      readFileSync(path, "latin1")
        .slice(0, 256)
        .match(/^#!\/bin\/(ba)?sh|shell=sh/),
    )
    .map((path) => [path, readFileSync(path, "utf8")] as const),
);
const results = [
  ...programs.map(([name, script]) => shellcheck(name, script, programOptions)),
  shellcheck("terminal", terminalProgram()),
  ...others.map(([name, script]) => shellcheck(name, script)),
];
process.exitCode = results.every(Boolean) ? 0 : 1;
