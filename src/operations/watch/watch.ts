import type { Context } from "../../core/context.ts";
import { abortError, CancelledError, PikaciError, UsageError } from "../../core/errors.ts";
import type { RunId } from "../../core/ids.ts";
import type { RunRecord } from "../../core/run-record.ts";
import type { StandingConnection } from "../../remote/connection.ts";
import type { RunRequest } from "../run.ts";
import { Approach } from "./approach.ts";
import { exitCodeOf, type Ledger, settle, touch, wantedJobs } from "./ledger.ts";
import { Link, mayComeBack } from "./link.ts";
import { changedPaths, difference, type Look, skippedJobs, takeLook, wordOf } from "./look.ts";
import {
  beginning,
  type Step,
  step,
  type Wanted,
  type WatchEffect,
  type WatchEvent,
  type WatchState,
} from "./machine.ts";
import type { WatchListener } from "./notice.ts";
import { type EndedRun, type LookRun, runLook } from "./run-look.ts";
import { WorkspaceWatch } from "./workspace-watch.ts";

/** A run of this watch; once it is outdated, nothing that it says counts. */
interface Current {
  readonly stop: AbortController;
  /** Null until its host is reached. */
  runId: RunId | null;
  outdated: boolean;
}

/** Looks at a workspace whenever it changes, and runs the jobs that the change concerns, until it is told to leave. */
export class Watch {
  readonly #request: RunRequest;
  readonly #listener: WatchListener;
  readonly #context: Context;
  readonly #stop = new AbortController();
  readonly #link: Link;
  readonly #tree: WorkspaceWatch;
  readonly #pending = new Set<Promise<void>>();
  #state: WatchState;
  #look: Look | null = null;
  #ledger: Ledger = new Map();
  #current: Current | null = null;
  #approach: Approach | null = null;
  #guess: ConstructorParameters<typeof Approach>[1] = null;
  #end: (how: { readonly error: unknown } | "left") => void = () => {};

  constructor(request: RunRequest, listener: WatchListener, context: Context) {
    this.#request = request;
    this.#listener = listener;
    const signal = AbortSignal.any([context.signal, this.#stop.signal]);
    this.#context = { ...context, signal };
    this.#state = beginning()[0];
    this.#link = new Link(
      {
        onLost: () => this.#lost(),
        onFailed: (error, pauseMs) => listener.onNotice({ type: "unreachable", error, pauseMs }),
      },
      this.#context,
    );
    this.#tree = new WorkspaceWatch(
      request,
      {
        onFirst: () => this.#setOut(),
        onQuiet: () => this.#on({ type: "changed" }),
        onError: (error) => this.#fail(error),
        onWatching: (notice) => listener.onNotice(notice),
      },
      this.#context,
    );
  }

  /**
   * Watches until `leave`; returns the exit code of the latest verdicts (docs/watch.md). Throws UsageError for words that the
   * configuration does not know at the start, TrustError for a host key, CancelledError when the context is aborted.
   */
  async run(): Promise<number> {
    const over = new Promise<{ readonly error: unknown } | "left">((resolve) => {
      this.#end = resolve;
    });
    const { signal } = this.#context;
    signal.addEventListener("abort", () => this.#end({ error: abortError(signal) }), { once: true });
    if (signal.aborted) throw abortError(signal);
    this.#take(beginning());
    const how = await over;
    await this.#close();
    if (how !== "left") throw how.error;
    return exitCodeOf(this.#ledger, this.#request.failOnFlaky === true ? "fail" : "pass");
  }

  /** Runs all jobs, or those that did not pass, whether anything has changed or not. */
  ask(wanted: "all" | "failed"): void {
    this.#on({ type: "asked", wanted });
  }

  leave(): void {
    this.#end("left");
  }

  async #close(): Promise<void> {
    this.#tree.close();
    this.#stop.abort(new CancelledError("SIGINT", { message: "the watch was left" }));
    await this.#approach?.close();
    await Promise.allSettled([...this.#pending]);
    await this.#link.drop();
  }

  #fail(error: unknown): void {
    if (!this.#stop.signal.aborted) this.#end({ error });
  }

  #on(event: WatchEvent): void {
    if (this.#context.signal.aborted) return;
    this.#take(step(this.#state, event));
  }

  #take([state, effects]: Step): void {
    this.#state = state;
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: WatchEffect): void {
    if (effect.type === "cancel") this.#cancel();
    else this.#until(this.#work(effect));
  }

  #work(effect: Exclude<WatchEffect, { type: "cancel" }>): Promise<void> {
    switch (effect.type) {
      case "look":
        return this.#lookNow();
      case "start":
        return this.#start(effect.wanted);
      case "reconnect":
        return this.#reconnect();
    }
  }

  /** What is under way is waited for in the end; an error that nobody expected ends the watch. */
  #until(work: Promise<void>): void {
    const tracked: Promise<void> = work
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
  }

  async #lookNow(): Promise<void> {
    const look = await takeLook(this.#request, this.#context).catch((error: unknown) =>
      this.#unusable(error),
    );
    if (look !== null) await this.#looked(look);
    await this.#tree.begin(look);
    if (look === null) this.#on({ type: "unusable" });
    this.#settleDown();
  }

  /** At the start, words that name nothing are a typo; later the configuration has changed. */
  #unusable(error: unknown): null {
    const isExpected = error instanceof PikaciError && !(error instanceof CancelledError);
    if (!isExpected || (error instanceof UsageError && !this.#tree.hasBegun)) throw error;
    this.#listener.onNotice({ type: "unusable", error });
    return null;
  }

  async #looked(look: Look): Promise<void> {
    const before = this.#look;
    const since = difference(before, look, this.#request);
    const touched = touch(this.#ledger, look.run.jobs, since, skippedJobs(look));
    this.#look = look;
    this.#ledger = touched.ledger;
    this.#tree.learn(look);
    const paths = changedPaths(before, look);
    if (paths !== null && paths.length > 0)
      this.#listener.onNotice({ type: "changed", paths, jobs: touched.jobs });
    this.#on({ type: "looked", saw: wordOf(look), touches: touched.jobs.length > 0 });
  }

  /** A session that was opened ahead, and that no run has taken or waits for, is let go. */
  #settleDown(): void {
    const { look, run, wanted } = this.#state;
    if (look !== "none" || wanted !== null) return;
    this.#letGo();
    if (run === "none") this.#listener.onNotice({ type: "idle", ledger: this.#ledger });
  }

  #letGo(): void {
    const approach = this.#approach;
    this.#approach = null;
    if (approach !== null) this.#until(approach.close());
  }

  /** Something is changing: the host is asked already what the run will ask. */
  #setOut(): void {
    const { standing } = this.#link;
    if (standing === null || this.#approach !== null || this.#guess === null) return;
    this.#approach = new Approach(standing, this.#guess, this.#context);
  }

  async #start(wanted: Wanted): Promise<void> {
    const look = this.#look;
    const jobs = wantedJobs(this.#ledger, wanted);
    if (look === null || jobs.length === 0) return this.#on({ type: "ended", lost: false });
    const current: Current = { stop: new AbortController(), runId: null, outdated: false };
    const begun = this.#approach;
    this.#approach = null;
    this.#current = current;
    const standing = await this.#reach(look);
    const approach = this.#approachTo(standing, begun);
    if (standing === null || approach === null || current.outdated) {
      if (approach !== null) this.#until(approach.close());
      return this.#ended(current, null, standing === null);
    }
    current.runId = approach.runId;
    const ended = await this.#run({ look, jobs, wanted, request: this.#request, standing, approach }, current)
      .catch((error: unknown) => this.#refused(error))
      .finally(() => approach.close());
    standing.prepare();
    this.#ended(current, ended?.record ?? null, ended?.lost ?? false);
  }

  #run(run: Omit<LookRun, "reach">, current: Current): Promise<EndedRun> {
    const show = this.#listener.onRun();
    const emit: typeof show = (event) => {
      if (!current.outdated) show(event);
    };
    const reach = run.approach.reach((asked) => {
      this.#guess = asked;
    });
    const signal = AbortSignal.any([this.#context.signal, current.stop.signal]);
    return runLook({ ...run, reach }, { ...this.#context, signal, emit });
  }

  #ended(current: Current, record: RunRecord | null, lost: boolean): void {
    if (current.outdated) {
      this.#on({ type: "cleared" });
      return;
    }
    this.#current = null;
    if (record !== null) {
      this.#ledger = settle(this.#ledger, record.jobs);
      if (!lost) this.#link.works();
    }
    this.#listener.onEnd(record);
    this.#on({ type: "ended", lost });
  }

  /** Null when the host cannot be reached now. */
  #reach(look: Look): Promise<StandingConnection | null> {
    return this.#link.to(look.run.host).catch((error: unknown) => {
      if (!mayComeBack(error)) throw error;
      this.#listener.onNotice({ type: "unreachable", error, pauseMs: 0 });
      return null;
    });
  }

  /** The way that was begun when the change was noticed, unless it leads elsewhere or is old by now. */
  #approachTo(standing: StandingConnection | null, begun: Approach | null): Approach | null {
    if (begun?.isFresh() === true && begun.leadsTo(standing)) return begun;
    if (begun !== null) this.#until(begun.close());
    return standing === null ? null : new Approach(standing, null, this.#context);
  }

  /** A mistake that only the snapshot or the host shows. */
  #refused(error: unknown): null {
    if (!(error instanceof PikaciError) || error instanceof CancelledError) throw error;
    this.#listener.onNotice({ type: "unusable", error });
    return null;
  }

  #cancel(): void {
    const current = this.#current;
    this.#current = null;
    if (current === null) return;
    current.outdated = true;
    this.#listener.onEnd(null);
    if (current.runId !== null) this.#listener.onNotice({ type: "outdated", runId: current.runId });
    current.stop.abort(new CancelledError("SIGINT", { message: "the tree has changed since the run began" }));
  }

  #lost(): void {
    const host = this.#look?.run.host.url;
    if (host !== undefined && this.#state.link === "up") this.#listener.onNotice({ type: "lost", host });
    this.#letGo();
    this.#on({ type: "lost" });
  }

  async #reconnect(): Promise<void> {
    const host = this.#look?.run.host;
    if (host === undefined) throw new Error("a host that nobody looked for was lost");
    await this.#link.reconnect(host);
    this.#listener.onNotice({ type: "back", host: host.url });
    this.#on({ type: "back" });
  }
}
