import { version } from "../system/version.ts";
import type { Handler } from "./call.ts";
import type { Invocation } from "./invocation.ts";
import { type Args, COMMANDS, type CommandName } from "./table.ts";
import { understand } from "./words.ts";

type Handlers = {
  readonly [Name in CommandName]: () => Promise<{
    readonly handle: Handler<Args<Name>>;
  }>;
};

/** Commands are loaded when they are called. */
const HANDLERS: Handlers = {
  run: () => import("./run.ts"),
  watch: () => import("./watch.ts"),
  plan: () => import("./plan.ts"),
  attach: () => import("./attach.ts"),
  shell: () => import("./shell.ts"),
  cancel: () => import("./cancel.ts"),
  rerun: () => import("./rerun.ts"),
  verify: () => import("./verify.ts"),
  attest: () => import("./attest.ts"),
  "verify-attestation": () => import("./verify-attestation.ts"),
  why: () => import("./why.ts"),
  doctor: () => import("./doctor.ts"),
  gc: () => import("./gc.ts"),
  pin: () => import("./pin.ts"),
  history: () => import("./history.ts"),
  ui: () => import("./ui.ts"),
  list: () => import("./list.ts"),
  status: () => import("./status.ts"),
  logs: () => import("./logs.ts"),
  report: () => import("./report.ts"),
  compare: () => import("./compare.ts"),
  snapshot: () => import("./snapshot.ts"),
  render: () => import("./render.ts"),
  publish: () => import("./publish.ts"),
  copy: () => import("./copy.ts"),
  init: () => import("./init.ts"),
  import: () => import("./import.ts"),
  completion: () => import("./completion.ts"),
};

/** The widest page of help that reads well. */
const HELP_COLUMNS = 100;

/** Runs a command line and returns the exit code. Expected failures are thrown. */
export async function dispatch(argv: readonly string[], invocation: Invocation): Promise<number> {
  const asked = understand(argv);
  switch (asked.what) {
    case "version":
      invocation.out(`${version()}\n`);
      return 0;
    case "command":
      return callCommand(asked.name, asked.words, invocation);
    case "help": {
      const { commandHelp } = await import("./help.ts");
      invocation.out(commandHelp(asked.name, helpColumns(invocation)));
      return 0;
    }
    case "overview": {
      const { overview } = await import("./help.ts");
      const page = overview(helpColumns(invocation));
      if (asked.said) invocation.out(page);
      else invocation.err(page);
      return asked.said ? 0 : 2;
    }
  }
}

async function callCommand<Name extends CommandName>(
  name: Name,
  words: readonly string[],
  invocation: Invocation,
): Promise<number> {
  const { parseArgs } = await import("./parse.ts");
  const { makeCall } = await import("./call.ts");
  const args = await parseArgs(COMMANDS[name], name, words);
  const call = makeCall(args, invocation);
  const { handle } = await HANDLERS[name]();
  return handle(args, call);
}

function helpColumns({ outColumns }: Invocation): number {
  return Math.min(HELP_COLUMNS, outColumns());
}
