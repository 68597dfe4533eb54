import { setTimeout as sleep } from "node:timers/promises";
import { abortError, UsageError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import { LineSanitiser } from "../report/sanitise.ts";
import { openRun } from "../runs/stored-runs.ts";
import { Tail } from "../system/tail.ts";
import {
  aRun,
  type Invocation,
  openPlace,
  outPaint,
  type PlaceArgs,
  placeOptions,
  type Register,
} from "./invocation.ts";
import { isBeforeJobs, type LogFile, type LogKind, logFiles } from "./log-files.ts";

interface Args extends PlaceArgs {
  readonly run: string;
  readonly job: string | undefined;
  readonly kind: LogKind;
  readonly follow: boolean;
  readonly raw: boolean;
  readonly from: number;
}

const POLL_MS = 250;

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      placeOptions(options)
        .positional("run", { ...aRun, default: "latest" })
        .option("job", { type: "string", requiresArg: true, describe: "Only this job's" })
        .option("kind", {
          choices: ["guest", "host", "both"] as const,
          default: "guest" as const,
          describe: "What the job said, what host and Nix said, or both",
        })
        .option("follow", {
          alias: "f",
          type: "boolean",
          default: false,
          describe: "Go on until the run ends",
        })
        .option("raw", {
          type: "boolean",
          default: false,
          describe: "The bytes as they were, with terminal escapes",
        })
        .option("from", {
          type: "number",
          default: 0,
          requiresArg: true,
          describe: "Begin at this byte of the log; only of one log",
        })
        .example("$0 logs", "what the jobs of the latest run said")
        .example("$0 logs latest --job unit --kind both -f", "all about one job, as it comes")
        .example("$0 logs --job unit --raw --from 4096", "what came after the first 4096 bytes"),
    (args) => logs(args, invocation),
  );

async function logs(args: Args, invocation: Invocation): Promise<void> {
  if (!Number.isSafeInteger(args.from) || args.from < 0)
    throw new UsageError("--from is no number of bytes", { hint: "write a whole number, 0 or more" });
  const { stateDir } = await openPlace(args, invocation);
  const printers = new Map<string, LogPrinter>();
  const more = ({ record, directory }: ReturnType<typeof openRun>) => {
    for (const printer of printersOf(logFiles(record, directory, args), printers, args, invocation))
      printer.more();
  };
  let run = openRun(stateDir, args.run);
  const runId = run.record.run_id;
  if (isBeforeJobs(run.record)) invocation.err(beforeJobs(runId, args.follow));
  for (; args.follow && run.record.state === "running"; run = openRun(stateDir, runId)) {
    more(run);
    await pause(invocation.signal);
  }
  more(run);
  const all = [...printers.values()];
  for (const printer of all) printer.end();
  if (run.record.state === "detached") invocation.err(detached(runId));
  else if (!isBeforeJobs(run.record) && all.every((printer) => printer.isEmpty()))
    invocation.err(nothing(runId, args.kind));
}

/** A printer for each file: those that are known, which stand in `printers`, and new ones. */
function printersOf(
  files: readonly LogFile[],
  printers: Map<string, LogPrinter>,
  args: Args,
  invocation: Invocation,
): LogPrinter[] {
  const labelled = !args.raw && (files.length > 1 || args.kind !== "guest");
  return files.map((file) => {
    const printer = printers.get(file.path) ?? logPrinter(file, labelled, args, invocation);
    printers.set(file.path, printer);
    return printer;
  });
}

interface LogPrinter {
  readonly more: () => void;
  readonly end: () => void;
  readonly isEmpty: () => boolean;
}

function logPrinter(
  { label, path }: LogFile,
  labelled: boolean,
  { raw, from }: Pick<Args, "raw" | "from">,
  invocation: Invocation,
): LogPrinter {
  const prefix = labelled ? `${outPaint(invocation)("cyan", `${label} │`)} ` : "";
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

/** What a detached run says lies on its host until a client fetches it. */
function detached(runId: RunId): string {
  return `run ${runId} goes on without a client; \`pikaci attach ${runId}\` follows it\n`;
}

function beforeJobs(runId: RunId, follow: boolean): string {
  const next = follow ? "" : `; \`pikaci logs ${runId} -f\` waits for them`;
  return `run ${runId} has no jobs yet: its configuration is still read${next}\n`;
}

function nothing(runId: RunId, kind: LogKind): string {
  const other = kind === "both" ? "" : "; `--kind both` shows every log";
  return `no ${kind === "both" ? "" : `${kind} `}log in run ${runId}${other}\n`;
}
