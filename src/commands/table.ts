import type { ArgsOf, CommandSpec } from "./spec.ts";
import * as daily from "./table/daily.ts";
import * as hosts from "./table/hosts.ts";
import * as runs from "./table/runs.ts";
import * as setup from "./table/setup.ts";

const { run, watch, plan, rerun, status, logs, why, shell } = daily;
const { init, importFiles, doctor, completion } = setup;
const { list, report, compare, attach, cancel, pin, verify, attest, verifyAttestation } = runs;
const { history, ui } = runs;
const { gc, publish, copy, snapshot, render } = hosts;

const COMMON = { run, watch, status, logs, rerun, plan, why, shell };
const SETUP = { init, import: importFiles, doctor, completion };
const SIGNED = { attest, "verify-attestation": verifyAttestation };
const PAST = { history, ui };
const RUNS = { list, report, compare, attach, cancel, pin, verify, ...SIGNED, ...PAST };
const PARTS = { snapshot, publish, copy, render, gc };

/** The commands as `pikaci --help` groups them: what people do every day comes first. */
export const GROUPS: readonly (readonly [title: string, Readonly<Record<string, CommandSpec>>])[] = [
  ["Every day", COMMON],
  ["A new project or host", SETUP],
  ["Runs", RUNS],
  ["Trees, store paths and hosts", PARTS],
];

/** Every command by its name: what yargs, help, completion, the manual and the docs are made from. */
export const COMMANDS = { ...COMMON, ...SETUP, ...RUNS, ...PARTS };

export type CommandName = keyof typeof COMMANDS;

export function isCommand(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word);
}

/** What the words of a command are read as. */
export type Args<Name extends CommandName> = ArgsOf<(typeof COMMANDS)[Name]>;
