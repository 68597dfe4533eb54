import { setTimeout as sleep } from "node:timers/promises";
import { abortError, UsageError } from "../errors.ts";
import type { RunId } from "../ids.ts";
import { Tail } from "../io/tail.ts";
import type { RunRecord } from "../model.ts";
import { jobFile, runFile, stateDirOf } from "../record/layout.ts";
import { openRun } from "../record.ts";
import { LineSanitiser } from "../report/sanitise.ts";
import { didYouMean } from "../suggest.ts";
import {
  aRun,
  type Invocation,
  outPaint,
  type PlaceArgs,
  placeOptions,
  type Register,
  workspaceOf,
} from "./invocation.ts";

type Kind = "host" | "guest" | "both";

interface Args extends PlaceArgs {
  readonly run: string;
  readonly job: string | undefined;
  readonly kind: Kind;
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
  const stateDir = stateDirOf(workspaceOf(args, invocation));
  const { record, directory } = openRun(stateDir, args.run);
  const files = logFiles(record, directory, args);
  checkFrom(args.from, files);
  const printers = files.map((file) => logPrinter(file, files.length > 1 && !args.raw, args, invocation));
  const stateNow = () => openRun(stateDir, record.run_id).record.state;
  const isOver = () => stateNow() !== "running";
  for (let over = !args.follow || isOver(); ; over = isOver()) {
    for (const printer of printers) printer.more();
    if (over) break;
    await pause(invocation.signal);
  }
  for (const printer of printers) printer.end();
  if (stateNow() === "detached") invocation.err(detached(record.run_id));
  else if (printers.every((printer) => printer.isEmpty())) invocation.err(nothing(record.run_id, args.kind));
}

interface LogFile {
  readonly label: string;
  readonly path: string;
}

/** The run's own host log, then each job's; a job that was skipped has none. */
function logFiles(record: RunRecord, directory: string, { job, kind }: Args): LogFile[] {
  const names = record.jobs.map((one) => one.job);
  const wanted = names.filter((name) => job === undefined || name === job);
  if (job !== undefined && wanted.length === 0)
    throw new UsageError(`run ${record.run_id} has no job ${JSON.stringify(job)}${didYouMean(job, names)}`, {
      hint: `its jobs are ${names.join(", ") || "none"}`,
    });
  const host = kind === "guest" ? [] : [{ label: "host", path: runFile.hostLog(directory) }];
  return [...host, ...wanted.flatMap((name) => jobLogs(name, runFile.job(directory, name), kind))];
}

function jobLogs(job: string, directory: string, kind: Kind): LogFile[] {
  const host = { label: `${job} host`, path: jobFile.hostLog(directory) };
  const guest = { label: job, path: jobFile.guestLog(directory) };
  return kind === "both" ? [host, guest] : [kind === "host" ? host : guest];
}

function checkFrom(from: number, files: readonly LogFile[]): void {
  if (!Number.isSafeInteger(from) || from < 0)
    throw new UsageError("--from is no number of bytes", { hint: "write a whole number, 0 or more" });
  if (from > 0 && files.length !== 1)
    throw new UsageError(`--from means one log, not ${files.length}`, {
      hint: "name one with --job, and with --kind guest or host",
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

function nothing(runId: RunId, kind: Kind): string {
  const other = kind === "both" ? "" : "; `--kind both` shows every log";
  return `no ${kind === "both" ? "" : `${kind} `}log in run ${runId}${other}\n`;
}
