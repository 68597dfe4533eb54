import { CancelledError, PikaciError, UsageError } from "../core/errors.ts";
import type { JobRecord, RunRecord } from "../core/run-record.ts";
import { openShell } from "../operations/shell/open.ts";
import { formatError } from "../report/format.ts";
import { posixQuote } from "../system/quote.ts";
import { ownTerminal, type Terminal } from "../system/terminal.ts";
import type { Place } from "./call.ts";
import { errPaint } from "./invocation.ts";
import { plainReporter } from "./reporter.ts";

/**
 * For `run --shell-on-failure`: returns a function that opens a shell in what the first failed job of a run left. Without a
 * terminal, UsageError before anything runs.
 */
export function failedShell(
  terminal: Terminal = ownTerminal(),
): (record: RunRecord, place: Place) => Promise<void> {
  if (!terminal.tty)
    throw new UsageError("--shell-on-failure needs a terminal", {
      hint: "`--keep-failed 1h` keeps what failed; `pikaci shell JOB --run latest` enters it later",
    });
  return async (record, place) => {
    const { signal } = place.invocation;
    const failures = record.jobs.filter(hasFailed);
    const job = failures.find(({ kept_until: until }) => until !== undefined);
    if (signal.aborted || failures.length === 0) return;
    if (job === undefined) place.invocation.err(nothingKept(failures));
    else await enter(job, record, terminal, place);
  };
}

function hasFailed({ result }: JobRecord): boolean {
  return result?.status === "failed" || result?.status === "timeout";
}

/** A build has no guest, and a cached failure has left none. */
function nothingKept(failures: readonly JobRecord[]): string {
  const names = failures.map(({ job }) => job).join(", ");
  return `no shell is opened: the host keeps nothing of ${names}; \`pikaci shell JOB\` opens one where the job would run\n`;
}

/** The exit code is the run's, however the shell ends. */
async function enter(
  { job, kept_until }: JobRecord,
  { run_id, host, host_name = host }: RunRecord,
  terminal: Terminal,
  { invocation, config, context }: Place,
): Promise<void> {
  invocation.err(
    `${job} as it was left on ${host_name}; \`exit\` leaves, \`pikaci shell ${posixQuote(job)} --run ${run_id}\` enters it again until ${kept_until}\n`,
  );
  const request = { job, run: run_id, host: null, config, shape: null, command: [] };
  const { emit } = plainReporter(invocation, "quiet");
  try {
    await openShell(request, terminal, context(emit), () => {});
  } catch (error) {
    if (!(error instanceof PikaciError)) throw error;
    if (!(error instanceof CancelledError)) invocation.err(`${formatError(error, errPaint(invocation))}\n`);
  }
}
