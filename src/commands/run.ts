import { executeRun } from "../run.ts";
import { contextOf, type Invocation, printJson, type Register, workspaceOf } from "./invocation.ts";
import { stderrReporter } from "./reporter.ts";
import { type RunArgs, requestOf, runOptions } from "./run-options.ts";

interface Args extends RunArgs {
  readonly json: boolean;
  readonly repair: boolean;
  readonly verify: boolean;
  readonly verbose: boolean | undefined;
  readonly quiet: boolean | undefined;
}

export const register: Register = (yargs, invocation) =>
  yargs.command(
    "run [target]",
    "Run jobs on a host and fetch their results",
    (options) =>
      runOptions(options)
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
        .option("verbose", { alias: "v", type: "boolean", describe: "Say more" })
        .option("quiet", { alias: "q", type: "boolean", describe: "Only the verdicts" })
        .conflicts("verbose", "quiet")
        .example("$0 run", "the default target on the default host")
        .example("$0 run check --on ssh://ci@builder", "a target on another machine")
        .example("$0 run --job unit --job lint --json", "two jobs, the record as JSON on stdout"),
    async (args) => invocation.setExitCode(await run(args, invocation)),
  );

async function run(args: Args, invocation: Invocation): Promise<number> {
  const reporter = stderrReporter(invocation, args.quiet ? "quiet" : args.verbose ? "verbose" : "normal");
  const context = contextOf(workspaceOf(args, invocation), invocation, reporter.emit);
  const record = await executeRun(requestOf(args, args, invocation), context);
  if (args.json) printJson(invocation, record);
  return record.exit_code ?? 3;
}
