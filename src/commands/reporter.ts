import { type TerminalOptions, TerminalReporter } from "../report/terminal.ts";
import { errPaint, type Invocation } from "./invocation.ts";

/** Progress on this invocation's stderr. */
export function stderrReporter(
  invocation: Invocation,
  verbosity: TerminalOptions["verbosity"],
): TerminalReporter {
  return new TerminalReporter({
    write: invocation.err,
    paint: errPaint(invocation),
    terminal: invocation.errIsTerminal,
    verbosity,
    cwd: invocation.cwd,
  });
}
