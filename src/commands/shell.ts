import { parseShape } from "../config/typed-shape.ts";
import { type Opened, openShell } from "../operations/shell/open.ts";
import { sanitise } from "../report/sanitise.ts";
import { posixCommand } from "../system/quote.ts";
import { ownTerminal } from "../system/terminal.ts";
import {
  aHost,
  configOf,
  contextOf,
  type Invocation,
  openPlace,
  type PlaceArgs,
  placeOptions,
  type Register,
} from "./invocation.ts";
import { plainReporter } from "./reporter.ts";

interface Args extends PlaceArgs {
  readonly job: string;
  readonly on: string | undefined;
  readonly run: string | undefined;
  readonly runner: string | undefined;
  readonly quiet: boolean;
  readonly "--"?: readonly string[] | undefined;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      placeOptions(options)
        .positional("job", { type: "string", demandOption: true, describe: "A job of the configuration" })
        .option("on", aHost)
        .option("run", {
          type: "string",
          requiresArg: true,
          describe:
            "The snapshot and the job of an earlier run: its id, an unambiguous prefix of one, or latest",
        })
        .option("runner", {
          type: "string",
          requiresArg: true,
          describe: "Another machine shape than the job's: a backend, or JSON as for `render`",
        })
        .option("quiet", {
          alias: "q",
          type: "boolean",
          default: false,
          describe: "Only the guest's own words",
        })
        .example("$0 shell unit", "a shell where the job unit would run")
        .example("$0 shell unit -- npm test", "one command there; its exit code is pikaci's")
        .epilogue("Enter ~ . leaves a shell that does not answer."),
    async (args) => invocation.setExitCode(await enter(args, invocation)),
  );

async function enter(args: Args, invocation: Invocation): Promise<number> {
  const reporter = plainReporter(invocation, args.quiet ? "quiet" : "normal");
  const context = contextOf(await openPlace(args, invocation), invocation, reporter.emit);
  const request = {
    ...{ job: args.job, run: args.run ?? null, host: args.on ?? null, config: configOf(args, invocation) },
    ...{ shape: args.runner === undefined ? null : parseShape(args.runner), command: args["--"] ?? [] },
  };
  const terminal = ownTerminal();
  return openShell(request, terminal, context, (opened) => {
    if (!args.quiet && terminal.tty && request.command.length === 0) invocation.err(greeting(opened));
  });
}

/** What a person wants to know before the prompt. */
function greeting({ host, job, backend }: Opened): string {
  const command = job.command.kind === "argv" ? posixCommand(job.command.argv) : job.command.text;
  const [first = "", ...more] = sanitise(command).split("\n");
  return [
    `${job.name} in ${backend} on ${host.url}: /workspace is ${job.workspace === "private" ? "yours to write" : "read-only"}, what changes is gone with the shell`,
    `the job itself would run: ${first}${more.length > 0 ? " …" : ""}`,
    "`exit` leaves; Enter ~ . when nothing answers\n",
  ].join("\n");
}
