import { type FSWatcher, readFileSync, watch } from "node:fs";
import { type BytePath, ROOT } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import { isOwn } from "../filters.ts";
import { type Burst, endOf, type FileEvent, isStorm, withEvent } from "./burst.ts";
import { eachDirectory, type Grounds } from "./directories.ts";
import { isOutOfWatches, Watches } from "./watches.ts";

/** Files outside the tree whose change counts, as `HEAD` of the repository. */
export interface Aside {
  readonly directory: string;
  readonly names: readonly string[];
  /** They say what git ignores. */
  readonly rules: boolean;
}

/** Who is told of a tree's changes. */
export interface TreeListener {
  /** At the first event of a burst. */
  readonly onFirst: () => void;
  /** The burst is over, and all directories that it made are watched. */
  readonly onQuiet: () => void;
  /** What keeps the tree from being watched. */
  readonly onError: (error: unknown) => void;
}

/** Tells when to look at a tree, by events of the file system; never what has changed. */
export class TreeWatcher {
  readonly #watches: Watches;
  readonly #asides: FSWatcher[] = [];
  readonly #listener: TreeListener;
  readonly #context: Pick<Context, "env" | "signal">;
  readonly #queue = queueLength();
  #grounds: Grounds;
  #burst: Burst | null = null;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();
  #closed = false;
  #isBlind = false;

  constructor(grounds: Grounds, listener: TreeListener, context: Pick<Context, "env" | "signal">) {
    this.#grounds = grounds;
    this.#listener = listener;
    this.#context = context;
    this.#watches = new Watches(grounds.root, (path, kind) => this.#noteName(path, kind));
  }

  get directories(): number {
    return this.#watches.count;
  }

  /** Whether the system's limit left directories out: their changes are not noticed. */
  get isFull(): boolean {
    return this.#isBlind || this.#watches.isFull;
  }

  /** From now on watches every directory in which a file that counts can lie. */
  async begin(asides: readonly Aside[]): Promise<void> {
    for (const aside of asides) this.#watchAside(aside);
    // What appears meanwhile has its turn after this walk, whose end forgets what it did not find.
    const begun = this.#working.then(() => this.#watchAll());
    this.#working = begun.catch(() => {});
    await begun;
  }

  /** What is known since the latest look. */
  learn(grounds: Grounds): void {
    this.#grounds = grounds;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#watches.close();
    for (const aside of this.#asides) aside.close();
  }

  #watchAside({ directory, names, rules }: Aside): void {
    const watcher = watchOrNull(directory);
    if (watcher === null) {
      this.#isBlind = true;
      return;
    }
    watcher.on("change", (_, name) => {
      if (name !== null && names.includes(name.toString())) this.#note({ moved: null, rules });
    });
    watcher.on("error", (error) => this.#listener.onError(error));
    this.#asides.push(watcher);
  }

  #noteName(path: BytePath, kind: "moved" | "written"): void {
    if (isOwn(path) || this.#grounds.excluded(path) !== null) return;
    if (this.#grounds.ignored.has(path) && !this.#watches.isThere(path)) return;
    this.#note({ moved: kind === "moved" ? path : null, rules: /(^|\/)\.gitignore$/.test(path) });
  }

  #note(event: FileEvent): void {
    if (this.#closed) return;
    const isFirst = this.#burst === null;
    this.#burst = withEvent(this.#burst, event, performance.now());
    if (!isFirst) return;
    this.#listener.onFirst();
    this.#wait(this.#burst);
  }

  /** Sleeps until the burst would be over, and again if it went on meanwhile: a timer for each event would cost more. */
  #wait(burst: Burst): void {
    this.#timer = setTimeout(
      () => {
        const now = this.#burst ?? burst;
        if (endOf(now) > performance.now()) this.#wait(now);
        else this.#end(now);
      },
      Math.max(1, endOf(burst) - performance.now()),
    );
  }

  #end(burst: Burst): void {
    this.#burst = null;
    this.#working = this.#working
      .then(() => (isStorm(burst, this.#queue) ? this.#watchAll() : this.#watchMoved(burst.moved)))
      .then(
        () => this.#tell(this.#listener.onQuiet),
        (error: unknown) => this.#tell(() => this.#listener.onError(error)),
      );
  }

  #tell(listener: () => void): void {
    if (!this.#closed) listener();
  }

  async #watchAll(): Promise<void> {
    const found = new Set<BytePath>();
    this.#watches.tryAgain();
    await this.#enter([ROOT], found);
    this.#watches.keep(found);
  }

  async #watchMoved(moved: ReadonlySet<BytePath>): Promise<void> {
    const gone = [...moved].filter((path) => this.#watches.has(path) && !this.#watches.add(path));
    for (const path of gone) this.#watches.drop(path);
    await this.#enter(
      [...moved].filter((path) => this.#watches.isThere(path)),
      new Set(),
    );
  }

  #enter(from: readonly BytePath[], found: Set<BytePath>): Promise<void> {
    const enter = (directory: BytePath) => {
      if (this.#closed || !this.#watches.add(directory)) return false;
      found.add(directory);
      return true;
    };
    return eachDirectory(from, this.#grounds, enter, this.#context);
  }
}

/** Null when the system has no watch left. */
function watchOrNull(directory: string): FSWatcher | null {
  try {
    return watch(directory, { encoding: "utf8" });
  } catch (error) {
    if (isOutOfWatches(error)) return null;
    throw error;
  }
}

/** How many events the kernel keeps for a program that has not read them. */
function queueLength(): number {
  try {
    return Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "utf8"));
  } catch {
    return 16_384;
  }
}
