import { setTimeout as sleep } from "node:timers/promises";
import { abortError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import type { RunRecord } from "../core/run-record.ts";
import { LineSanitiser, sanitise } from "../report/sanitise.ts";
import { openRun } from "../runs/stored-runs.ts";
import { Tail } from "../system/tail.ts";
import { type Handler, openPlace } from "./call.ts";
import { type Invocation, outPaint } from "./invocation.ts";
import { isBeforeJobs, type LogFile, logFiles } from "./log-files.ts";
import type { Args } from "./table.ts";

const POLL_MS = 250;

export const handle: Handler<Args<"logs">> = async (args, call) => {
  const place = await openPlace(call);
  const { invocation } = place;
  const printers = new Map<string, LogPrinter>();
  const more = ({ record, directory }: ReturnType<typeof openRun>) => {
    for (const printer of printersOf(logFiles(record, directory, args), printers, args, invocation))
      printer.more();
  };
  let run = openRun(place, args.run);
  const runId = run.record.run_id;
  if (isBeforeJobs(run.record)) invocation.err(beforeJobs(runId, args));
  for (; args.follow && run.record.state === "running"; run = openRun(place, runId)) {
    more(run);
    await pause(invocation.signal);
  }
  more(run);
  const all = [...printers.values()];
  for (const printer of all) printer.end();
  if (run.record.state === "detached") invocation.err(detached(runId));
  else if (!isBeforeJobs(run.record) && all.every((printer) => printer.isEmpty()))
    invocation.err(nothing(run.record, args));
  return 0;
};

/** A printer for each file: those that are known, which stand in `printers`, and new ones. */
function printersOf(
  files: readonly LogFile[],
  printers: Map<string, LogPrinter>,
  args: Args<"logs">,
  invocation: Invocation,
): LogPrinter[] {
  const labelled = !args.raw && (files.length > 1 || args.kind !== "guest");
  const paint = outPaint(invocation);
  return files.map((file) => {
    const prefix = labelled ? `${paint("cyan", `${file.label} │`)} ` : "";
    const printer = printers.get(file.path) ?? logPrinter(file.path, prefix, args, invocation);
    printers.set(file.path, printer);
    return printer;
  });
}

interface LogPrinter {
  readonly more: () => void;
  readonly end: () => void;
  readonly isEmpty: () => boolean;
}

/** Prints what the file has more each time; `prefix` stands before each line. */
function logPrinter(
  path: string,
  prefix: string,
  { raw, from }: Args<"logs">,
  invocation: Invocation,
): LogPrinter {
  const tail = new Tail(path, from);
  const sanitiser = new LineSanitiser();
  let empty = true;
  const print = (lines: readonly string[]) => {
    if (lines.length > 0) invocation.out(lines.map((line) => `${prefix}${line}\n`).join(""));
  };
  return {
    more: () =>
      tail.read((piece) => {
        empty = false;
        if (raw) invocation.out(Buffer.from(piece));
        else print(sanitiser.push(piece));
      }),
    end: () => print(sanitiser.end()),
    isEmpty: () => empty,
  };
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await sleep(POLL_MS, undefined, { signal });
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    throw error;
  }
}

/** The message for a detached run, whose logs are on its host until a client fetches them. */
function detached(runId: RunId): string {
  return `run ${runId} goes on without a client; \`pikaci attach ${runId}\` follows it\n`;
}

function beforeJobs(runId: RunId, { follow }: Args<"logs">): string {
  const next = follow ? "" : `; \`pikaci logs ${runId} -f\` waits for them`;
  return `run ${runId} has only begun, and has no jobs yet${next}\n`;
}

/** Names the runs of cached verdicts: their logs are there. */
function nothing({ run_id, jobs }: RunRecord, { kind, job: wanted }: Args<"logs">): string {
  const cached = jobs.filter(({ job, result }) => result?.status === "cached" && (wanted ?? job) === job);
  const earlier = cached.map(({ job, result }) => `\n  ${job} ${sanitise(result?.message ?? "")}`).join("");
  const other = kind === "both" ? "" : "; `--kind both` shows every log";
  return `no ${kind === "both" ? "" : `${kind} `}log in run ${run_id}${earlier === "" ? other : `:${earlier}`}\n`;
}
