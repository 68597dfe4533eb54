import { Watch } from "../operations/watch/watch.ts";
import { formatError } from "../report/format.ts";
import type { Reporter } from "../report/reporter.ts";
import { outputFiles } from "../system/output-file.ts";
import { ownTerminal, type Terminal } from "../system/terminal.ts";
import { type Handler, openPlace, type Place } from "./call.ts";
import { errPaint } from "./invocation.ts";
import { eventReporters, reportFiles } from "./report-options.ts";
import { requestOf } from "./run-request.ts";
import type { Args } from "./table.ts";
import { openDisplay, type WatchDisplay } from "./watch-display.ts";
import { keysOf, type WatchKey } from "./watch-keys.ts";
import { showLog } from "./watch-log.ts";

export const handle: Handler<Args<"watch">> = async (args, call) => {
  const place = await openPlace(call);
  const terminal = ownTerminal(process.stdin, process.stderr);
  const reporters = eventReporters({ ...args, json: false }, place.invocation);
  const display = openDisplay(args, place, terminal.tty, reporters);
  const request = {
    ...requestOf(args, call),
    failOnFlaky: args.failOnFlaky,
    // What the watch itself says would be a change, to which it had more to say.
    ownFiles: [...reportFiles({ ...args, junit: null }, call.invocation), ...outputFiles()],
  };
  const watch = new Watch(request, display, place.context(display.warn));
  const keys = new Keys(watch, display, terminal, place);
  let failed = false;
  try {
    keys.listen();
    const exitCode = await watch.run();
    failed = closeAll(reporters, place);
    return failed && exitCode === 0 ? 3 : exitCode;
  } catch (error) {
    closeAll(reporters, place);
    throw error;
  } finally {
    keys.close();
    display.close();
  }
};

/** Whether something could not be written, which is then said. */
function closeAll(reporters: readonly Reporter[], { invocation }: Place): boolean {
  const failures = reporters.flatMap((reporter) => reporter.close());
  for (const failure of failures) invocation.err(`${formatError(failure, errPaint(invocation))}\n`);
  return failures.length > 0;
}

/** The keys of a watch on a terminal; elsewhere nothing is read. */
class Keys {
  readonly #watch: Watch;
  readonly #display: WatchDisplay;
  readonly #terminal: Terminal;
  readonly #place: Place;
  #close: (() => void) | null = null;

  constructor(watch: Watch, display: WatchDisplay, terminal: Terminal, place: Place) {
    this.#watch = watch;
    this.#display = display;
    this.#terminal = terminal;
    this.#place = place;
  }

  listen(): void {
    if (!this.#terminal.tty) return;
    const onInput = (data: Buffer) => {
      for (const key of keysOf(data)) this.#press(key);
    };
    this.#close = this.#terminal.open({ onInput, onResize: () => {}, onEnd: () => {} });
  }

  close(): void {
    this.#close?.();
    this.#close = null;
  }

  #press(key: WatchKey): void {
    switch (key) {
      case "all":
      case "failed":
        this.#watch.ask(key);
        break;
      case "log":
        void this.#showLog();
        break;
      case "leave":
        this.#watch.leave();
        break;
      case "interrupt":
        process.kill(process.pid, "SIGINT");
    }
  }

  /** The terminal is the pager's until it ends. */
  async #showLog(): Promise<void> {
    if (this.#close === null) return;
    this.close();
    this.#display.hold();
    try {
      const said = await showLog(this.#display.runs(), this.#place);
      if (said !== null) this.#display.say(said);
    } finally {
      this.#display.release();
      if (!this.#place.invocation.signal.aborted) this.listen();
    }
  }
}
