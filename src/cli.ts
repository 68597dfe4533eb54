import { dispatch } from "./commands/dispatch.ts";
import type { Invocation } from "./commands/invocation.ts";
import { CancelledError, InfraError, PikaciError } from "./core/errors.ts";
import { closeInherited } from "./system/descriptors.ts";
import { codeOf } from "./system/error-code.ts";

/** The one catch: what is expected is a message and a hint; anything else is a bug in pikaci, with its stack. */
async function report(error: unknown, { err, env, errIsTerminal }: Invocation): Promise<number> {
  const { formatError } = await import("./report/format.ts");
  const { painter, wantsColor } = await import("./report/style.ts");
  const paint = painter(wantsColor(env, errIsTerminal));
  const known = error instanceof PikaciError;
  const message = known
    ? error.message
    : `a bug in pikaci: ${error instanceof Error ? error.stack : String(error)}`;
  const hint = known ? error.hint : "please report it with the command you typed";
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
      err("\ncancelling and cleaning up; once more quits at once\n");
      controller.abort(reason);
    });
  }
}

/** A reader that has gone (`| head`, a closed terminal) ends a program: of data at once, of progress by cancelling. */
function endOnClosedPipes(controller: AbortController): void {
  const isClosed = (error: Error) => ["EPIPE", "EIO"].includes(codeOf(error) ?? "");
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
  };
}

/** As Node knows it: it asks the terminal at the start, and at each SIGWINCH. */
function sizeOf({ columns, rows }: Pick<typeof process.stderr, "columns" | "rows">) {
  return { columns: columns || 80, rows: rows || 24 };
}

/** What must not end as if all were well: nothing is left to wait for, but there is no exit code yet. */
function unfinished(): InfraError {
  return new InfraError("client", "nothing is left to wait for, but the command is not done", {
    hint: "if the configuration awaits what never comes, fix it; else please report this with the command you typed",
  });
}

async function main(): Promise<void> {
  closeInherited(process.env);
  const controller = new AbortController();
  endOnClosedPipes(controller);
  const invocation = invocationOf(controller.signal);
  cancelOnSignals(controller, invocation.err);
  const tellUnfinished = async () => {
    process.exitCode = await report(unfinished(), invocation);
  };
  process.once("beforeExit", tellUnfinished);
  try {
    process.exitCode = await dispatch(process.argv.slice(2), invocation);
  } catch (error) {
    process.exitCode = await report(error, invocation);
  }
  process.off("beforeExit", tellUnfinished);
}

// Not awaited at the top level: what V8 keeps compiled is a script, and no script can.
void main();
