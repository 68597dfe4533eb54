import { statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Context } from "../../core/context.ts";
import type { LeftOut } from "../../core/snapshot.ts";
import { git, openWorkTree, type WorkTree } from "../../system/git.ts";
import { excludeRule, rules } from "../../tree/filters.ts";
import { keptPaths } from "../../tree/kept.ts";
import { directoriesOf, type Grounds } from "../../tree/watching/directories.ts";
import { type Aside, type TreeListener, TreeWatcher } from "../../tree/watching/tree-watcher.ts";
import type { RunRequest } from "../run.ts";
import type { Look } from "./look.ts";
import type { Notice } from "./notice.ts";

/** While directories are not watched, the tree is looked at this often, in milliseconds. */
const LOOK_MS = 2_000;

interface WorkspaceListener extends TreeListener {
  readonly onWatching: (notice: Extract<Notice, { type: "watching" }>) => void;
}

/** A configuration counts even where git ignores it. */
function isSilent({ path, rule }: LeftOut): boolean {
  return rule === rules.ignored && !path.startsWith("pikaci.config.");
}

/** The directories of a workspace that are watched, as the latest look at it knows them. */
export class WorkspaceWatch {
  readonly #request: Pick<RunRequest, "config">;
  readonly #listener: WorkspaceListener;
  readonly #context: Context;
  readonly #root: string;
  #tree: WorkTree | null = null;
  #watcher: TreeWatcher | null = null;
  #clock: NodeJS.Timeout | undefined;

  constructor(request: Pick<RunRequest, "config">, listener: WorkspaceListener, context: Context) {
    this.#request = request;
    this.#listener = listener;
    this.#context = context;
    this.#root = resolve(context.workspace);
  }

  get hasBegun(): boolean {
    return this.#watcher !== null;
  }

  /** After the first look, which need not have succeeded. What changed since that look is told as a change. */
  async begin(look: Look | null): Promise<void> {
    if (this.#watcher !== null || this.#context.signal.aborted) return;
    this.#tree = await openWorkTree(this.#root, this.#context).catch(() => null);
    const onQuiet = () => {
      this.#checkLimit();
      this.#listener.onQuiet();
    };
    const watcher = new TreeWatcher(this.#grounds(look), { ...this.#listener, onQuiet }, this.#context);
    this.#watcher = watcher;
    await watcher.begin(await this.#asides());
    this.#checkLimit();
    this.#listener.onWatching({
      type: "watching",
      directories: watcher.directories,
      limited: watcher.isFull,
    });
    this.#listener.onQuiet();
  }

  learn(look: Look): void {
    this.#watcher?.learn(this.#grounds(look));
  }

  close(): void {
    clearInterval(this.#clock);
    this.#watcher?.close();
  }

  #grounds(look: Look | null): Grounds {
    const isKept = keptPaths(this.#root, this.#context.env);
    const excluded = excludeRule(look?.run.project.filters ?? { include: [], exclude: [] });
    return {
      root: this.#root,
      tree: this.#tree,
      excluded: (path) => (isKept(path) ? "kept" : excluded(path)),
      known: directoriesOf(look?.hashed.entries.map(({ path }) => path) ?? []),
      ignored: new Set(look?.hashed.snapshot.leftOut.filter(isSilent).map(({ path }) => path) ?? []),
    };
  }

  /** Without a watch on every directory, the clock says when to look. */
  #checkLimit(): void {
    const isFull = this.#watcher?.isFull === true;
    if (isFull && this.#clock === undefined)
      this.#clock = setInterval(() => this.#listener.onQuiet(), LOOK_MS);
    if (!isFull) {
      clearInterval(this.#clock);
      this.#clock = undefined;
    }
  }

  /** What counts and lies where no file of the tree does: the repository's index and HEAD, a configuration elsewhere. */
  async #asides(): Promise<Aside[]> {
    const { config } = this.#request;
    const ofConfig =
      config === null ? [] : [{ directory: dirname(config), names: [basename(config)], rules: false }];
    if (this.#tree === null) return ofConfig;
    const exit = await git(this.#tree, ["rev-parse", "--absolute-git-dir"], this.#context);
    const directory = exit.stdout.toString().trim();
    const info = join(directory, "info");
    return [
      ...ofConfig,
      { directory, names: ["HEAD", "index"], rules: false },
      ...(statSync(info, { throwIfNoEntry: false })?.isDirectory() === true
        ? [{ directory: info, names: ["exclude"], rules: true }]
        : []),
    ];
  }
}
