import { formatDuration } from "../config/duration.ts";
import type { PikaciEvent } from "../core/events.ts";
import type { Command } from "../core/job.ts";
import type { Status } from "../core/job-result.ts";
import type { JobRecord, RunRecord } from "../core/run-record.ts";
import type { SourceInfo } from "../core/snapshot.ts";
import { posixCommand } from "../system/quote.ts";
import { sanitise } from "./sanitise.ts";
import type { Paint, Style } from "./style.ts";

export { formatBytes, plural } from "../core/counted.ts";

/** What is said of a run without this account's seal. */
export const FOREIGN = "not recorded by this account in this workspace, so nothing in it is certain";

/** `main 3f2a91c04d5e "tree: a subject" and uncommitted changes`: the commit that a tree was taken above; null outside git. */
export function formatCommit({ git_head, git_dirty, git_branch, git_subject }: SourceInfo): string | null {
  if (git_head === null) return null;
  const branch = git_branch === null ? "" : `${sanitise(git_branch)} `;
  const subject = git_subject === null ? "" : ` "${sanitise(git_subject)}"`;
  return `${branch}${git_head.slice(0, 12)}${subject}${git_dirty ? " and uncommitted changes" : ""}`;
}

const LOOKS: Readonly<Record<Status, readonly [string, Style]>> = {
  passed: ["✔", "green"],
  flaky: ["↻", "yellow"],
  cached: ["✔", "cyan"],
  skipped: ["○", "dim"],
  failed: ["✘", "red"],
  timeout: ["✘", "yellow"],
  infra: ["✘", "magenta"],
  cancelled: ["■", "yellow"],
};

export function formatStatus(status: Status, paint: Paint): string {
  const [sign, style] = LOOKS[status];
  return paint(style, `${sign} ${status}`);
}

/** A job's line in a summary: its verdict, how long its command took, and what was said of it. */
export function formatJob(
  { job, result, state }: Pick<JobRecord, "job" | "result" | "state">,
  paint: Paint,
): string {
  if (result === null) return `${paint("dim", `… ${state}`)}  ${job}`;
  const took = result.duration_ms === null ? "" : ` in ${formatDuration(result.duration_ms)}`;
  const message = result.status === "passed" ? "" : `: ${sanitise(result.message)}`;
  return `${formatStatus(result.status, paint)}  ${job}${took}${message}`;
}

/** The line between two attempts of a job. */
export function formatAttempt(
  { job, attempt, of, reason }: Extract<PikaciEvent, { readonly type: "job-attempt" }>,
  paint: Paint,
): string {
  return `${paint("yellow", `↻ attempt ${attempt} of ${of}`)}  ${job}; the one before: ${sanitise(reason)}`;
}

interface Told {
  readonly message: string;
  readonly hint?: string | null | undefined;
}

interface ToldError extends Told {
  readonly kind?: string;
}

/** `message` and its hints, as every error is shown. */
export function formatError(error: ToldError, paint: Paint): string {
  const [message = "", ...hints] = textsOf(error);
  return [
    `${paint("red", "error:")} ${message}`,
    ...hints.map((hint) => `${paint("cyan", "hint:")} ${hint}`),
  ].join("\n");
}

/** An error's message and its hints as lines without colour. */
export function errorLines(error: ToldError): string[] {
  const [message = "", ...hints] = textsOf(error);
  return [message, ...hints.map((hint) => `hint: ${hint}`)];
}

/** What is said of an error, then its hints: what broke outside of pikaci has a doctor to ask. */
function textsOf({ kind, message, hint }: ToldError): string[] {
  const doctor = "`pikaci doctor` looks for what would make a run fail, here and on hosts";
  return [message, ...(hint ? [hint] : []), ...(kind === "infra" ? [doctor] : [])].map(sanitise);
}

export function formatWarning(warning: Told, paint: Paint): string {
  const { message, hint } = warning;
  const text = `${paint("yellow", "warning:")} ${sanitise(message)}`;
  return hint ? `${text}\n${paint("cyan", "hint:")} ${sanitise(hint)}` : text;
}

/** From the record's first moment to its end; null while it runs. */
export function runDuration({ created_at, finished_at }: RunRecord): number | null {
  return finished_at === null ? null : Math.max(0, Date.parse(finished_at) - Date.parse(created_at));
}

export function formatCommand(command: Command): string {
  return sanitise(command.kind === "shell" ? command.text : posixCommand(command.argv));
}
