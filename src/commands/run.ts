import { parseDuration } from "../config/duration.ts";
import { UsageError } from "../core/errors.ts";
import type { RunRecord } from "../core/run-record.ts";
import { executeRun, type RunRequest } from "../operations/run.ts";
import { type Call, type Handler, openPlace } from "./call.ts";
import { printJson } from "./invocation.ts";
import { reportFiles, withReporter } from "./report-options.ts";
import { requestOf } from "./run-request.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"run">> = async (args, call) => {
  if (args.dryRun) return (await import("./plan.ts")).handle(args, call);
  const enter = args.shellOnFailure ? (await import("./failed-shell.ts")).failedShell() : null;
  const place = await openPlace(call);
  const request = runRequestOf(args, call);
  const ended: RunRecord[] = [];
  const exitCode = await withReporter(args, place, async (emit) => {
    const record = await executeRun(request, place.context(emit));
    ended.push(record);
    if (args.json) printJson(call.invocation, record);
    if (record.state !== "detached") return record.exit_code ?? 3;
    const { run_id } = record;
    call.invocation.err(`it goes on without you: pikaci attach ${run_id} · pikaci cancel ${run_id}\n`);
    return 0;
  });
  const [record] = ended;
  if (record !== undefined) await enter?.(record, place);
  return exitCode;
};

function runRequestOf(args: Args<"run">, call: Call): RunRequest {
  return {
    ...requestOf(args, call),
    ...cacheOf(args),
    ...keepOf(args),
    repair: args.repair,
    verify: args.verify,
    detach: args.detach,
    shared: args.sharedCache,
    failedOnly: args.failed,
    failOnFlaky: args.failOnFlaky,
    ownFiles: reportFiles(args, call.invocation),
  };
}

/** How long a failed job is kept for the shell that is opened in it. */
const SHELL_MS = 3_600_000;

function keepOf({ keepFailed, shellOnFailure }: Args<"run">): Pick<RunRequest, "keepFailedMs"> {
  if (keepFailed === null) return shellOnFailure ? { keepFailedMs: SHELL_MS } : {};
  const keepFailedMs = parseDuration(keepFailed);
  if (keepFailedMs !== null) return { keepFailedMs };
  throw new UsageError(`--keep-failed: cannot read ${JSON.stringify(keepFailed)}`, {
    hint: 'write it as "90s", "30m", "2h"; at most 24d',
  });
}

function cacheOf({ cache, refreshCache }: Args<"run">): Pick<RunRequest, "cache"> {
  if (refreshCache) return { cache: "refresh" };
  return cache ? {} : { cache: "off" };
}
