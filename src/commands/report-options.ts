import { resolve } from "node:path";
import { UsageError } from "../core/errors.ts";
import type { Emit } from "../core/events.ts";
import { eventsReporter } from "../report/events.ts";
import { formatError } from "../report/format.ts";
import { type Reporter, type Sink, together } from "../report/reporter.ts";
import { OutputFile } from "../system/output-file.ts";
import type { Place } from "./call.ts";
import { errPaint, type Invocation } from "./invocation.ts";
import { stderrReporter } from "./reporter.ts";
import type { ValuesOf } from "./spec.ts";
import type { json, report } from "./table/options.ts";

/** How a run is shown: the options of every command that follows one. */
type ReportArgs = ValuesOf<typeof report & { readonly json: typeof json }>;

/** Absolute paths of the files that the reporters write. */
export function reportFiles(
  { events, junit }: Pick<ReportArgs, "events" | "junit">,
  { cwd }: Invocation,
): string[] {
  return [events === "-" ? null : events, junit].flatMap((path) => (path === null ? [] : resolve(cwd, path)));
}

/**
 * Runs `work` with the reporters that were asked for and returns its exit code. When a reporter cannot write, a warning says so
 * and a pass becomes exit code 3. UsageError when a file cannot be opened for writing.
 */
export async function withReporter(
  args: ReportArgs,
  place: Place,
  work: (emit: Emit) => Promise<number>,
): Promise<number> {
  const { invocation } = place;
  const reporter = await openReporter(args, place);
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

async function openReporter(args: ReportArgs, place: Place): Promise<Reporter> {
  const { invocation } = place;
  const verbosity = args.quiet ? "quiet" : args.verbose ? "verbose" : "normal";
  const opened: Reporter[] = [];
  try {
    opened.push(...eventReporters(args, invocation));
    if (args.junit !== null) opened.push(await openJUnit(args.junit, invocation));
    opened.push(withBuilders(await stderrReporter(place, verbosity), args));
    return together(opened);
  } catch (error) {
    for (const reporter of opened) reporter.close();
    throw error;
  }
}

/** `--events`: none, or one. */
export function eventReporters(
  args: Pick<ReportArgs, "json" | "events">,
  invocation: Invocation,
): readonly Reporter[] {
  if (args.events === null) return [];
  return [eventsReporter(eventSink(args, args.events, invocation), () => new Date())];
}

/** What builders print is in the record; on the terminal only where it was asked for. */
export function withBuilders(
  reporter: Reporter,
  { printBuildLogs, verbose }: Pick<ReportArgs, "printBuildLogs" | "verbose">,
): Reporter {
  if (printBuildLogs || verbose) return reporter;
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

function eventSink({ json }: Pick<ReportArgs, "json">, where: string, { cwd, out }: Invocation): Sink {
  if (where !== "-") return new OutputFile(resolve(cwd, where), "--events");
  if (json)
    throw new UsageError("--json and --events - both want stdout", {
      hint: "write the events to a file: --events FILE; its last line has the record too",
    });
  return { write: out, close: () => null };
}
