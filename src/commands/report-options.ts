import { resolve } from "node:path";
import type { Argv } from "yargs";
import { UsageError } from "../core/errors.ts";
import type { Emit } from "../core/events.ts";
import { eventsReporter } from "../report/events.ts";
import { formatError } from "../report/format.ts";
import { type Reporter, type Sink, together } from "../report/reporter.ts";
import { OutputFile } from "../system/output-file.ts";
import { errPaint, type Invocation, type Place } from "./invocation.ts";
import { stderrReporter } from "./reporter.ts";

/** How a run is shown: the options of every command that follows one. */
export function reportOptions<T>(yargs: Argv<T>) {
  return yargs
    .option("verbose", { alias: "v", type: "boolean", describe: "Say more" })
    .option("quiet", { alias: "q", type: "boolean", describe: "Only the verdicts" })
    .conflicts("verbose", "quiet")
    .option("print-build-logs", {
      alias: "L",
      type: "boolean",
      describe: "Show what builders print, as Nix's -L",
    })
    .option("events", {
      type: "string",
      requiresArg: true,
      describe: "Write every event as a line of JSON to this file, or to stdout (-)",
    })
    .option("junit", {
      type: "string",
      requiresArg: true,
      describe: "Write a JUnit file: the jobs, and the tests of JUnit and TAP files in their artifacts",
    });
}

export interface ReportArgs {
  readonly json: boolean;
  readonly verbose: boolean | undefined;
  readonly quiet: boolean | undefined;
  readonly printBuildLogs: boolean | undefined;
  readonly events: string | undefined;
  readonly junit: string | undefined;
}

/** Absolute paths of the files that the reporters write. */
export function reportFiles({ events, junit }: ReportArgs, { cwd }: Invocation): string[] {
  return [events === "-" ? [] : (events ?? []), junit ?? []].flat().map((path) => resolve(cwd, path));
}

/**
 * Runs `work` with the reporters that were asked for and gives its exit code; what they could not write is told, and
 * turns a pass into exit code 3. UsageError when a file cannot be written.
 */
export async function withReporter(
  args: ReportArgs,
  place: Place,
  invocation: Invocation,
  work: (emit: Emit) => Promise<number>,
): Promise<number> {
  const reporter = await openReporter(args, place, invocation);
  const close = () => {
    const failures = reporter.close();
    for (const failure of failures) invocation.err(`${formatError(failure, errPaint(invocation))}\n`);
    return failures.length > 0;
  };
  try {
    const exitCode = await work(reporter.emit);
    return close() && exitCode === 0 ? 3 : exitCode;
  } catch (error) {
    close();
    throw error;
  }
}

async function openReporter(args: ReportArgs, place: Place, invocation: Invocation): Promise<Reporter> {
  const verbosity = args.quiet ? "quiet" : args.verbose ? "verbose" : "normal";
  const opened: Reporter[] = [];
  try {
    if (args.events !== undefined)
      opened.push(eventsReporter(eventSink(args, args.events, invocation), () => new Date()));
    if (args.junit !== undefined) opened.push(await openJUnit(args.junit, invocation));
    opened.push(withBuilders(await stderrReporter(invocation, verbosity, place), args));
    return together(opened);
  } catch (error) {
    for (const reporter of opened) reporter.close();
    throw error;
  }
}

/** What builders print is in the record; on the terminal only where it was asked for. */
function withBuilders(reporter: Reporter, { printBuildLogs, verbose }: ReportArgs): Reporter {
  if (printBuildLogs === true || verbose === true) return reporter;
  return {
    emit: (event) => {
      if (event.type !== "nix-log" || event.builder === undefined) reporter.emit(event);
    },
    close: () => reporter.close(),
  };
}

async function openJUnit(file: string, { cwd, env }: Invocation): Promise<Reporter> {
  const { junitReporter } = await import("../report/junit/reporter.ts");
  return junitReporter(new OutputFile(resolve(cwd, file), "--junit"), env);
}

function eventSink({ json }: ReportArgs, where: string, { cwd, out }: Invocation): Sink {
  if (where !== "-") return new OutputFile(resolve(cwd, where), "--events");
  if (json)
    throw new UsageError("--json and --events - both want stdout", {
      hint: "write the events to a file: --events FILE; its last line has the record too",
    });
  return { write: out, close: () => null };
}
