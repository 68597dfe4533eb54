#!/usr/bin/env node
import type { Invocation } from "./commands/invocation.ts";
import { COMMANDS } from "./commands/listing.ts";
import { CancelledError, PikaciError, UsageError } from "./core/errors.ts";
import { didYouMean } from "./core/suggest.ts";
import { closeInherited } from "./system/descriptors.ts";
import { version } from "./system/version.ts";

async function main(argv: readonly string[], invocation: Invocation): Promise<void> {
  if (argv.length === 1 && argv[0] === "--version") return invocation.out(`${version()}\n`);
  const [command] = argv;
  if (command !== undefined && !command.startsWith("-") && !Object.hasOwn(COMMANDS, command))
    throw unknown(command);
  const { default: yargs } = await import("yargs");
  const parser = yargs([...argv])
    .scriptName("pikaci")
    .usage("$0 <command>\n\nRuns the CI jobs of the working tree you have right now on a Nix build host.")
    .parserConfiguration({ "populate--": ["run", "plan", "rerun", "shell"].includes(command ?? "") })
    .locale("en")
    .wrap(100)
    .version(version())
    .strict()
    .strictCommands()
    .demandCommand(1, "say what to do: name a command")
    .showHelpOnFail(false)
    .exitProcess(false)
    .fail((message, error) => {
      throw asPikaciError(message, error, argv[0] ?? "");
    })
    .example("$0 run", "run the default target on this machine")
    .example("$0 run check --on ssh://ci@builder", "the same on another machine")
    .example("$0 logs --job unit -f", "follow a job of the latest run")
    .epilogue(
      "Exit codes: 0 passed, 1 failed, 2 usage, 3 infrastructure, 4 trust, 5 snapshot refused, 124 timeout, 130/143 cancelled",
    );
  for (const [name, listed] of Object.entries(COMMANDS)) {
    if (name === argv[0]) (await listed.load()).register(parser, invocation, listed);
    else parser.command(listed.usage, listed.describe);
  }
  await parser.parseAsync();
}

function unknown(command: string): UsageError {
  const names = Object.keys(COMMANDS);
  return new UsageError(`unknown command ${JSON.stringify(command)}${didYouMean(command, names)}`, {
    hint: `the commands are ${names.join(", ")}; \`pikaci --help\` explains them`,
  });
}

/** yargs's own complaints are a message alone, or an error named YError; others are what a command threw. */
function asPikaciError(message: string, error: Error | undefined, command: string): Error {
  if (error !== undefined && error.name !== "YError") return error;
  const help = Object.hasOwn(COMMANDS, command) ? `pikaci ${command} --help` : "pikaci --help";
  return new UsageError(message ?? error?.message, { hint: `\`${help}\` shows what can be written` });
}

/** The one catch: what is expected is a message and a hint; anything else is a fault of pikaci, with its stack. */
async function report(error: unknown, { err, env, errIsTerminal }: Invocation): Promise<number> {
  const { formatError } = await import("./report/format.ts");
  const { painter, wantsColor } = await import("./report/style.ts");
  const paint = painter(wantsColor(env, errIsTerminal));
  const known = error instanceof PikaciError;
  const message = known
    ? error.message
    : `a fault of pikaci: ${error instanceof Error ? error.stack : String(error)}`;
  const hint = known ? error.hint : "please report it with the command that you typed";
  const kind = known ? error.kind : "internal";
  err(`${formatError({ kind, message, hint }, paint)}\n`);
  return known ? error.exitCode : 3;
}

/** The first signal cancels, the second leaves at once; a closed terminal counts as SIGTERM. */
function cancelOnSignals(controller: AbortController, err: (text: string) => void): void {
  const meanings = { SIGINT: "SIGINT", SIGTERM: "SIGTERM", SIGHUP: "SIGTERM" } as const;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      const reason = new CancelledError(meanings[name]);
      if (controller.signal.aborted) process.exit(reason.exitCode);
      err("\ncancelling and cleaning up; the same again leaves at once\n");
      controller.abort(reason);
    });
  }
}

/** A reader that has gone (`| head`, a closed terminal) ends a program: of data at once, of progress by cancelling. */
function endOnClosedPipes(controller: AbortController): void {
  const isClosed = (error: Error) => "code" in error && (error.code === "EPIPE" || error.code === "EIO");
  process.stdout.on("error", (error) => {
    if (isClosed(error)) process.exit();
    throw error;
  });
  process.stderr.on("error", (error) => {
    if (!isClosed(error)) throw error;
    controller.abort(new CancelledError("SIGTERM", { cause: error }));
  });
}

function invocationOf(signal: AbortSignal): Invocation {
  const writeErr = (text: string): void => void process.stderr.write(text);
  let err = writeErr;
  return {
    commands: COMMANDS,
    cwd: process.cwd(),
    env: process.env,
    signal,
    out: (data) => void process.stdout.write(data),
    err: (text) => err(text),
    takeErr: (taker) => {
      err = taker ?? writeErr;
      return writeErr;
    },
    outIsTerminal: process.stdout.isTTY === true,
    outColumns: () => (process.stdout.isTTY ? sizeOf(process.stdout).columns : 100),
    errIsTerminal: process.stderr.isTTY === true,
    errSize: () => sizeOf(process.stderr),
    setExitCode: (code) => {
      process.exitCode = code;
    },
  };
}

/** As Node knows it: it asks the terminal at the start, and at each SIGWINCH. */
function sizeOf({ columns, rows }: Pick<typeof process.stderr, "columns" | "rows">) {
  return { columns: columns || 80, rows: rows || 24 };
}

closeInherited(process.env);
const controller = new AbortController();
endOnClosedPipes(controller);
const invocation = invocationOf(controller.signal);
cancelOnSignals(controller, invocation.err);
const argv = process.argv.slice(2);
try {
  await main(argv, invocation);
} catch (error) {
  process.exitCode = await report(error, invocation);
}
