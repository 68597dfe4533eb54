import type { JobSpec } from "../core/job.ts";
import { posixCommand, posixQuote } from "../system/quote.ts";
import { commandFile, type JobDocuments } from "./job-documents.ts";

/** What a shell shows in a guest. */
export interface GuestTerminal {
  /** Else the command has pipes. */
  readonly tty: boolean;
  readonly rows: number;
  readonly columns: number;
  /** Of the client's `TERM`. */
  readonly term: string;
  /** Empty: a shell. */
  readonly command: readonly string[];
}

/** A job's documents with a terminal in the place of its command; `program` is src/host/terminal.sh. */
export function shellDocuments(
  documents: JobDocuments,
  job: JobSpec,
  terminal: GuestTerminal,
  program: string,
): JobDocuments {
  const words = {
    shell_start: startOf(terminal, job),
    shell_tty: terminal.tty ? "yes" : "no",
    shell_rows: String(terminal.rows),
    shell_columns: String(terminal.columns),
  };
  const assignments = Object.entries(words).map(([name, value]) => `${name}=${posixQuote(value)}\n`);
  const exports = terminal.tty ? `export TERM=${posixQuote(terminal.term)}\n` : "";
  return {
    ...documents,
    launch: `${documents.launch}launch_input=yes\n`,
    command: commandFile(documents.env, job, `${exports}${assignments.join("")}${program}`),
  };
}

/** bash where the guest has it; a prompt with the job's name, which needs no quoting. */
function startOf({ command, tty }: GuestTerminal, { name }: JobSpec): string {
  if (command.length > 0) return `exec ${posixCommand(command)}`;
  if (!tty) return "exec sh";
  return `if SHELL=$(command -v bash); then PS1='${name}:\\w\\$ '; else SHELL=/bin/sh PS1='${name}$ '; fi; export SHELL PS1; exec "$SHELL" -i`;
}
