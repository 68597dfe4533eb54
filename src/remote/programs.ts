import { readFileSync } from "node:fs";
import { packageFile } from "../system/package-files.ts";
import { posixQuote } from "../system/quote.ts";
import type { Params, ProgramName } from "./connection.ts";

/** What every program has: the frames and documents of the conversation, its parameters' values, its descriptors. */
const COMMON = ["prelude", "lib/words", "lib/descriptors"];

const LIBRARIES: Readonly<Record<ProgramName, readonly string[]>> = {
  session: words(
    "lib/locks lib/json lib/layout lib/process lease linger machine busybox etc seen reap work-dir claim lib/remove kept unfetched works lib/ahead copy-ahead shared-place verdicts",
  ),
  hold: words("lease linger"),
  publish: words(
    "lib/locks lib/json lib/layout lib/durable lib/parts lib/process lib/ahead take-ahead receive tree",
  ),
  trust: [],
  prepare: words("lib/locks lib/durable lib/process lib/wait lease nix unbuilt"),
  runner: words("lib/locks lib/json lib/layout lib/durable lib/process lib/wait receive nix busybox"),
  guard: words(
    "lib/locks lib/json lib/layout lib/durable lib/parts lib/process lib/wait lease feed mask job-log result job-dir cache service-logs verdict retry lib/remove hand-on deliver",
  ),
  attach: words("lib/locks lib/json lib/parts lib/process lib/wait lib/remove lease feed result"),
  cancel: words("lib/locks lib/wait"),
  jobs: words("lib/locks"),
  artifacts: words("lib/locks"),
  "artifacts-out": words("lib/locks lib/parts shared-place"),
  share: words("lib/locks lib/durable lib/remove shared-place"),
  "tree-out": words("lib/locks lib/parts"),
  pin: [],
  gc: words("lib/locks lib/json lib/layout lib/process lib/ahead lib/remove work-dir kept"),
  doctor: [],
  kvm: [],
};

export const PROGRAMS: readonly ProgramName[] = [
  "trust",
  "session",
  "hold",
  "publish",
  "prepare",
  "runner",
  "guard",
  "attach",
  "cancel",
  "jobs",
  "artifacts",
  "artifacts-out",
  "share",
  "tree-out",
  "pin",
  "gc",
  "doctor",
  "kvm",
];

/**
 * Reads a length line and runs that many bytes, for a program that is written after its command line.
 * Empty lines before it are heartbeats.
 */
export const STANDBY =
  'length=; while [ -z "$length" ]; do IFS= read -r length || exit 1; done; eval "$(head -c "$length")"\n';

/** The loader of a connection's first program, which says at once that the connection is there. */
export const LOADER = `printf "alive 0\\n"; ${STANDBY}`;

/** The command line for a script of `length` bytes on stdin; docs/protocol.md. */
export function commandLine(length: number): string {
  return `exec sh -c 'eval "$(head -c ${length})"'`;
}

/**
 * The script of a host program. It is one brace group: a shell runs it only when it has read it to the end,
 * so a script that was cut on its way does nothing.
 */
export function composeProgram(program: ProgramName, params: Params): Buffer {
  return Buffer.from(`{\n${assignments(params)}${withoutComments(programText(program))}\n}\n`);
}

/** A program with its libraries, as they are written. */
export function programText(program: ProgramName): string {
  return [...COMMON, ...LIBRARIES[program], program].map(hostFile).join("\n");
}

/** A third of what is written, which would be sent and read each time. No text of ours has a line that begins with `#`. */
function withoutComments(text: string): string {
  return text.replace(/^[ \t]*#.*\n/gm, "");
}

/** A program's script for a loader that waits for it. */
export function loaded(program: ProgramName, params: Params): Buffer {
  const script = composeProgram(program, params);
  return Buffer.concat([Buffer.from(`${script.length}\n`), script]);
}

function assignments(params: Params): string {
  return Object.entries(params)
    .map(([name, value]) => {
      if (!/^[a-z_]+$/.test(name) || value.includes("\0")) throw new TypeError(`bad parameter ${name}`);
      return `${name}=${posixQuote(value)}\n`;
    })
    .join("");
}

/** What runs in a guest's shell instead of a job's command. */
export function terminalProgram(): string {
  return hostFile("terminal");
}

/** What runs in a guest instead of the command of a job with services, and runs that command. */
export function servicesProgram(): string {
  return withoutComments(hostFile("services"));
}

function words(text: string): readonly string[] {
  return text.split(" ");
}

function hostFile(name: string): string {
  return readFileSync(packageFile(`src/host/${name}.sh`), "utf8");
}
