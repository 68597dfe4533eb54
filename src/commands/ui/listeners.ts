import type { ServerResponse } from "node:http";
import type { RunId } from "../../core/ids.ts";
import { RunLook } from "./feed.ts";

/** What pages are told (server-sent events). */
export interface Notice {
  readonly text: string;
  /** The run that it is about; null: none. */
  readonly run: string | null;
  readonly bad: boolean;
}

/** A page that does not read may have so much waiting for it; then it is let go, and connects again. */
const MOST_WAITING = 1 << 20;
const TICK_MS = 400;
/** Every so many ticks, a comment finds out who is gone. */
const PING_TICKS = 40;

interface Listener {
  readonly response: ServerResponse;
  /** Null: it shows the list. */
  readonly look: RunLook | null;
}

/** The pages that follow something. Nothing is looked at while there are none. */
export class Listeners {
  readonly #all = new Set<Listener>();
  readonly #stateDir: string;
  /** Brings the history up to date; whether something was new. */
  readonly #update: () => Promise<boolean>;
  #timer: NodeJS.Timeout | null = null;
  #ticks = 0;
  #isBusy = false;

  constructor(stateDir: string, update: () => Promise<boolean>) {
    this.#stateDir = stateDir;
    this.#update = update;
  }

  get count(): number {
    return this.#all.size;
  }

  /** Keeps a response open, and tells it what happens to a run, or to the list, until it is closed. */
  add(response: ServerResponse, run: RunId | null): void {
    const listener = { response, look: run === null ? null : new RunLook(this.#stateDir, run) };
    this.#all.add(listener);
    response.write("retry: 1000\n\n");
    response.on("close", () => this.#remove(listener));
    response.on("error", () => this.#remove(listener));
    this.#timer ??= setInterval(() => void this.#tick(), TICK_MS);
  }

  tellAll(notice: Notice): void {
    for (const listener of this.#all) this.#send(listener, "notice", notice);
  }

  /** The list has changed. */
  listChanged(): void {
    for (const listener of this.#all) if (listener.look === null) this.#send(listener, "changed", {});
  }

  close(): void {
    for (const { response } of [...this.#all]) response.destroy();
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #remove(listener: Listener): void {
    this.#all.delete(listener);
    if (this.#all.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  async #tick(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#ticks += 1;
    try {
      for (const listener of this.#all)
        for (const { type, ...rest } of listener.look?.changes() ?? []) this.#send(listener, type, rest);
      if (this.#ticks % 3 === 0 && (await this.#update())) this.listChanged();
      if (this.#ticks % PING_TICKS === 0) for (const { response } of this.#all) response.write(":\n\n");
    } catch (error) {
      this.tellAll({ text: error instanceof Error ? error.message : String(error), run: null, bad: true });
    } finally {
      this.#isBusy = false;
    }
  }

  /** JSON has no line ends of its own, so one line holds it. */
  #send({ response }: Listener, event: string, data: object): void {
    if (response.writableLength > MOST_WAITING) response.destroy();
    else response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}
