import { parseDuration } from "../config/duration.ts";
import { UsageError } from "../core/errors.ts";
import { executeRun, type RunRequest } from "../operations/run.ts";
import { contextOf, type Invocation, openPlace, printJson, type Register } from "./invocation.ts";
import { type ReportArgs, reportFiles, reportOptions, withReporter } from "./report-options.ts";
import { type RunArgs, requestOf, runOptions } from "./run-options.ts";

interface Args extends RunArgs, ReportArgs {
  readonly repair: boolean;
  readonly verify: boolean;
  readonly dryRun: boolean | undefined;
  readonly detach: boolean;
  readonly cache: boolean;
  readonly refreshCache: boolean;
  readonly untrusted: boolean;
  readonly keepFailed: string | undefined;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      reportOptions(runOptions(options))
        .option("repair", {
          type: "boolean",
          default: false,
          describe: "Mend what is found wrong on the host",
        })
        .option("verify", {
          type: "boolean",
          default: false,
          describe: "Hash every published file on the host",
        })
        .option("detach", {
          type: "boolean",
          default: false,
          describe: "Leave the jobs to the host once they run; `attach` follows them",
        })
        .option("dry-run", {
          type: "boolean",
          describe: "As Nix's: show what would be done, and do nothing",
        })
        .conflicts({ "dry-run": ["events", "junit"] })
        .option("cache", {
          type: "boolean",
          default: true,
          describe:
            "Do not run again what has passed as it is; --no-cache neither uses nor remembers verdicts",
        })
        .option("refresh-cache", {
          type: "boolean",
          default: false,
          describe: "Run all jobs, and remember their verdicts",
        })
        .option("untrusted", {
          type: "boolean",
          default: false,
          describe: "The tree is a stranger's: jobs get neither secrets nor a network",
        })
        .option("keep-failed", {
          type: "string",
          requiresArg: true,
          describe: "Keep what failed jobs leave on the host for so long (30m); `pikaci shell` can enter it",
        })
        .example("$0 run", "the default target on the default host")
        .example("$0 run check --on ssh://ci@builder", "a target on another machine")
        .example("$0 run --job unit --job lint --json", "two jobs, the record as JSON on stdout")
        .example("$0 run -q --events - | jq .type", "every event as a line of JSON on stdout"),
    async (args) => {
      if (args.dryRun) return (await import("./plan.ts")).showPlan(args, invocation);
      invocation.setExitCode(await run(args, invocation));
    },
  );

async function run(args: Args, invocation: Invocation): Promise<number> {
  const place = await openPlace(args, invocation);
  return withReporter(args, place, invocation, async (emit) => {
    const request = {
      ...requestOf(args, args, invocation),
      detach: args.detach,
      ...cacheOf(args),
      untrusted: args.untrusted,
      ...keepOf(args),
      ownFiles: reportFiles(args, invocation),
    };
    const record = await executeRun(request, contextOf(place, invocation, emit));
    if (args.json) printJson(invocation, record);
    if (record.state !== "detached") return record.exit_code ?? 3;
    const { run_id } = record;
    invocation.err(`it goes on without you: pikaci attach ${run_id} · pikaci cancel ${run_id}\n`);
    return 0;
  });
}

function keepOf({ keepFailed }: Args): Pick<RunRequest, "keepFailedMs"> {
  if (keepFailed === undefined) return {};
  const keepFailedMs = parseDuration(keepFailed);
  if (keepFailedMs !== null) return { keepFailedMs };
  throw new UsageError(`--keep-failed: cannot read ${JSON.stringify(keepFailed)}`, {
    hint: 'write it as "90s", "30m", "2h"; at most 24d',
  });
}

function cacheOf({ cache, refreshCache }: Args): Pick<RunRequest, "cache"> {
  if (refreshCache) return { cache: "refresh" };
  return cache ? {} : { cache: "off" };
}
