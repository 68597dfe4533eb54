import { stripVTControlCharacters } from "node:util";
import type { Command } from "../core/job.ts";

/** Of a job that ended with 126 or 127: what a shell says when it could not start a program. */
interface UnstartedFacts {
  readonly exitCode: number;
  readonly command: Command;
  /** `PATH` in the guest. */
  readonly path: string;
  /** Working directory in the guest. */
  readonly cwd: string;
  /** The end of the job's log. */
  readonly log: string;
  /** Where the client has a program of this name; null when it does not. */
  readonly onClient: (name: string) => string | null;
}

const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** Says which program a command that ended with 126 or 127 looked for, and where; null for other exit codes. */
export function explainUnstarted(facts: UnstartedFacts): string | null {
  const { exitCode, command, log } = facts;
  if (exitCode !== NOT_FOUND && exitCode !== NOT_EXECUTABLE) return null;
  const named = namedInLog(log, exitCode);
  const word = named ?? firstWord(command);
  if (word === null)
    return `exit code ${exitCode}: a program of the command ${exitCode === NOT_FOUND ? "was not found" : "could not be started"}; the log names it`;
  const whose = named === null ? "the command's first word" : "named in the log";
  return exitCode === NOT_FOUND ? notFound(word, whose, facts) : notExecutable(word, whose);
}

function notFound(word: string, whose: string, { path, cwd, onClient }: UnstartedFacts): string {
  if (word.includes("/"))
    return `\`${word}\` (${whose}) is not in the guest, seen from ${cwd}, or its first line names an interpreter that is not; what git ignores is only there when \`prepare\` names it`;
  const here = onClient(word);
  const looked = `\`${word}\` (${whose}) was looked for on the guest's PATH, ${path}`;
  if (here === null)
    return `${looked}; this machine does not have it either: install it on the host, or \`prepare\` it`;
  if (/^\/(?:usr\/)?s?bin\//.test(here))
    return `${looked}; this machine has ${here}, but guests see the /usr of their host: install it there, or \`prepare\` it`;
  return `${looked}; this machine has ${here}, which no guest sees: \`prepare\` it and set PATH (\`pikaci init --json\` shows how), or install it on the host`;
}

function notExecutable(word: string, whose: string): string {
  return `\`${word}\` (${whose}) is there but cannot be executed: \`chmod +x\` it, or name its interpreter, as in \`sh ${word}\`; a binary may be for another system`;
}

/** A shell's own complaint, up to the program's name. */
const SHELL = "^(?:.*: )?(?:\\d+: |line \\d+: )?(?:exec: |eval: )?";
const WORD = "[‘'\"`]?([^\\s:‘’'\"`]+)[’'\"`]?";
const COMPLAINTS: Readonly<Record<number, readonly RegExp[]>> = {
  [NOT_FOUND]: [
    new RegExp(`${SHELL}${WORD}: (?:command )?not found$`),
    new RegExp(`${SHELL}${WORD}: No such file or directory$`),
    new RegExp(`${SHELL}${WORD}: cannot execute: required file not found$`),
  ],
  [NOT_EXECUTABLE]: [
    new RegExp(`${SHELL}${WORD}: Permission denied$`),
    new RegExp(`${SHELL}${WORD}: (?:cannot execute.*|Exec format error|Is a directory)$`),
  ],
};
/** How much of the log's end is read. */
const LINES = 40;

/** The last program that the log says could not be started. */
function namedInLog(log: string, exitCode: number): string | null {
  const complaints = COMPLAINTS[exitCode] ?? [];
  const lines = stripVTControlCharacters(log).split("\n").slice(-LINES).reverse();
  for (const line of lines)
    for (const complaint of complaints) {
      const word = complaint.exec(line.trimEnd())?.[1];
      if (word !== undefined) return word;
    }
  return null;
}

/** The program that a command starts with; null where a shell's syntax decides it. */
function firstWord(command: Command): string | null {
  if (command.kind === "argv") return command.argv[0] ?? null;
  const [word] = command.text
    .trim()
    .replace(/^(?:exec\s+|[A-Za-z_]\w*=[^\s'"$`\\]*\s+)+/, "")
    .split(/\s/);
  return word !== undefined && /^[\w./+-]+$/.test(word) ? word : null;
}
