import type { Emit, PikaciEvent } from "../core/events.ts";
import { isPass } from "../core/passes.ts";
import type { Ledger } from "../operations/watch/ledger.ts";
import type { Notice, WatchListener } from "../operations/watch/notice.ts";
import { LiveReporter } from "../report/live.ts";
import type { Verbosity } from "../report/narration.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Paint } from "../report/style.ts";
import { formatNotice, verdictsLine } from "../report/watch-notice.ts";
import { recentDurations } from "../runs/history.ts";
import type { Place } from "./call.ts";
import { errPaint } from "./invocation.ts";
import { withBuilders } from "./report-options.ts";
import { isAnimated, optionsOf, plainReporter } from "./reporter.ts";
import type { ValuesOf } from "./spec.ts";
import type { report } from "./table/options.ts";
import { KEY_HELP } from "./watch-keys.ts";
import type { JobOfRun } from "./watch-log.ts";

type DisplayArgs = Pick<ValuesOf<typeof report>, "verbose" | "quiet" | "printBuildLogs">;

/** What a watch shows on stderr. */
export interface WatchDisplay extends WatchListener {
  /** Warnings before any run. */
  readonly warn: Emit;
  readonly say: (text: string) => void;
  /** Until `release`, nothing is written: the terminal is another program's. */
  readonly hold: () => void;
  readonly release: () => void;
  /** The jobs whose log one would want to see, the first one most. */
  readonly runs: () => readonly JobOfRun[];
  readonly close: () => void;
}

/** A live region where stderr is a terminal, lines elsewhere. */
export function openDisplay(
  args: DisplayArgs,
  place: Place,
  hasKeys: boolean,
  others: readonly Reporter[],
): WatchDisplay {
  const verbosity = args.quiet ? "quiet" : args.verbose ? "verbose" : "normal";
  const screen = isAnimated(place.invocation, verbosity)
    ? new LiveScreen(place, verbosity, hasKeys)
    : new PlainScreen(place, verbosity);
  return new Display(args, screen, errPaint(place.invocation), others);
}

/** Where a watch and its runs are shown. */
interface Screen {
  /** The reporter of a run, until the next call; null: no run is under way. */
  readonly turn: (to: "run" | "idle") => Reporter;
  readonly say: (text: string) => void;
  readonly ledger: (ledger: Ledger) => void;
  readonly hold: () => void;
  readonly release: () => void;
  readonly close: () => void;
}

class Display implements WatchDisplay {
  readonly #args: DisplayArgs;
  readonly #screen: Screen;
  readonly #paint: Paint;
  readonly #others: readonly Reporter[];
  #ledger: Ledger = new Map();
  #started: readonly JobOfRun[] = [];

  constructor(args: DisplayArgs, screen: Screen, paint: Paint, others: readonly Reporter[]) {
    this.#args = args;
    this.#screen = screen;
    this.#paint = paint;
    this.#others = others;
  }

  onNotice = (notice: Notice): void => {
    if (notice.type === "idle") this.#learn(notice.ledger);
    else if (notice.type === "changed" && notice.jobs.length === 0 && !this.#args.verbose) return;
    else if (!this.#args.quiet) this.say(formatNotice(notice, this.#paint).join("\n"));
    else if (notice.type === "unusable" || notice.type === "unreachable")
      this.say(formatNotice(notice, this.#paint)[0] ?? "");
  };

  onRun = (): Emit => {
    const reporters = [...this.#others, withBuilders(this.#screen.turn("run"), this.#args)];
    return (event) => {
      this.#note(event);
      for (const reporter of reporters) reporter.emit(event);
    };
  };

  onEnd = (): void => void this.#screen.turn("idle");

  warn: Emit = (event) => this.#screen.turn("idle").emit(event);

  say = (text: string): void => this.#screen.say(text);
  hold = (): void => this.#screen.hold();
  release = (): void => this.#screen.release();
  close = (): void => this.#screen.close();

  runs = (): readonly JobOfRun[] => {
    const known = [...this.#ledger].flatMap(([job, { result }]) =>
      result === null ? [] : [{ job, runId: result.run_id, isGood: isPass(result.status) }],
    );
    const bad = known.filter(({ isGood }) => !isGood);
    return [...bad, ...this.#started, ...known];
  };

  #learn(ledger: Ledger): void {
    this.#ledger = ledger;
    this.#screen.ledger(ledger);
  }

  #note(event: PikaciEvent): void {
    if (event.type === "run-started") this.#started = event.jobs.map((job) => ({ job, runId: event.runId }));
  }
}

/** Lines as they come. */
class PlainScreen implements Screen {
  readonly #place: Place;
  readonly #verbosity: Verbosity;
  #told = "";

  constructor(place: Place, verbosity: Verbosity) {
    this.#place = place;
    this.#verbosity = verbosity;
  }

  turn = (): Reporter => plainReporter(this.#place.invocation, this.#verbosity);

  say = (text: string): void => this.#place.invocation.err(`${text}\n`);

  ledger = (ledger: Ledger): void => {
    const line = verdictsLine(ledger, errPaint(this.#place.invocation));
    if (line !== this.#told && this.#verbosity !== "quiet") this.say(line);
    this.#told = line;
  };

  hold = (): void => {};
  release = (): void => {};
  close = (): void => {};
}

/** A region at the bottom of the terminal: what is under way, the latest verdicts, the keys. */
class LiveScreen implements Screen {
  readonly #place: Place;
  readonly #verbosity: Verbosity;
  readonly #hasKeys: boolean;
  readonly #write: (text: string) => void;
  #live: LiveReporter;
  #ledger: Ledger = new Map();
  #held: string[] | null = null;

  constructor(place: Place, verbosity: Verbosity, hasKeys: boolean) {
    this.#place = place;
    this.#verbosity = verbosity;
    this.#hasKeys = hasKeys;
    this.#write = place.invocation.takeErr((text) => this.say(text));
    this.#live = this.#reporter();
  }

  turn = (): Reporter => {
    this.#live.close();
    this.#live = this.#reporter();
    if (this.#held !== null) this.#live.pause();
    return this.#live;
  };

  say = (text: string): void => this.#live.say(text);

  ledger = (ledger: Ledger): void => {
    this.#ledger = ledger;
  };

  hold = (): void => {
    this.#live.pause();
    this.#held = [];
  };

  release = (): void => {
    if (this.#held === null) return;
    this.#write(this.#held.join(""));
    this.#held = null;
    this.#live.resume();
  };

  close = (): void => {
    this.release();
    this.#live.close();
    this.#place.invocation.takeErr(null);
  };

  #reporter(): LiveReporter {
    const { invocation } = this.#place;
    return new LiveReporter({
      ...optionsOf(invocation, this.#verbosity),
      write: (text) => (this.#held === null ? this.#write(text) : void this.#held.push(text)),
      size: invocation.errSize,
      expected: recentDurations(this.#place),
      now: () => Date.now(),
      footer: () => this.#footer(errPaint(invocation)),
    });
  }

  #footer(paint: Paint): readonly string[] {
    const verdicts = this.#ledger.size === 0 ? [] : [verdictsLine(this.#ledger, paint)];
    return [...verdicts, ...(this.#hasKeys ? [paint("dim", KEY_HELP)] : [])];
  }
}
