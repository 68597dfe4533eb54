import { type FSWatcher, lstatSync, watch } from "node:fs";
import { basename } from "node:path";
import { type BytePath, bytePath, joinPaths, ROOT } from "../../core/byte-path.ts";
import { codeOf } from "../../system/error-code.ts";
import { absolutePath } from "../../system/files.ts";

interface Watch {
  readonly watcher: FSWatcher;
  /** Of the directory, which may be another one by now. */
  readonly inode: string;
  /** The directory may be gone. Its number says nothing then: a file system gives it to the next one that is made. */
  doubtful: boolean;
}

/** `moved`: the name appeared or vanished. */
type OnName = (path: BytePath, kind: "moved" | "written") => void;

/** Watches on directories: one each, however many files lie in it. */
export class Watches {
  readonly #root: string;
  readonly #onName: OnName;
  readonly #watches = new Map<BytePath, Watch>();
  /** The system has no more watches to give. */
  #full = false;

  constructor(root: string, onName: OnName) {
    this.#root = root;
    this.#onName = onName;
  }

  get count(): number {
    return this.#watches.size;
  }

  /** Whether a directory had to be left out. */
  get isFull(): boolean {
    return this.#full;
  }

  has(directory: BytePath): boolean {
    return this.#watches.has(directory);
  }

  /** Whether a directory, and no link to one, is there now. */
  isThere(directory: BytePath): boolean {
    return inodeOf(this.#root, directory) !== null;
  }

  /** Watches a directory; false when it is none (any more), or there is no watch left. */
  add(directory: BytePath): boolean {
    const inode = inodeOf(this.#root, directory);
    const known = this.#watches.get(directory);
    if (known?.inode === inode && !known.doubtful) return true;
    if (known !== undefined) this.drop(directory);
    if (inode === null || this.#full) return false;
    try {
      const options = { encoding: "buffer", persistent: true } as const;
      const watcher = watch(absolutePath(this.#root, directory), options);
      const made = { watcher, inode, doubtful: false };
      this.#watches.set(directory, made);
      this.#listen(made, directory);
      return true;
    } catch (error) {
      return this.#refused(error);
    }
  }

  /** Forgets a directory and all below it. */
  drop(directory: BytePath): void {
    const inside = directory === ROOT ? "" : `${directory}/`;
    for (const [path, { watcher }] of this.#watches) {
      if (path !== directory && !path.startsWith(inside)) continue;
      watcher.close();
      this.#watches.delete(path);
    }
  }

  /** Forgets all directories that are not among these. */
  keep(directories: ReadonlySet<BytePath>): void {
    for (const [path, { watcher }] of this.#watches) {
      if (directories.has(path)) continue;
      watcher.close();
      this.#watches.delete(path);
    }
  }

  /** There may be watches left again: other programs end, and a limit can be raised. */
  tryAgain(): void {
    this.#full = false;
  }

  close(): void {
    this.keep(new Set());
  }

  #listen(made: Watch, directory: BytePath): void {
    const { watcher } = made;
    const own = directory === ROOT ? latin1(basename(this.#root)) : basename(directory);
    watcher.on("change", (type, name) => {
      const kind = type === "rename" ? "moved" : "written";
      // Node tells so that the directory itself was removed or renamed; or it is a name in there that is the same.
      if (kind === "moved" && name?.toString("latin1") === own) made.doubtful = true;
      const path = name === null ? directory : joinPaths(directory, bytePath(Buffer.from(name)));
      this.#onName(path, kind);
    });
    // Of a directory that is gone; its parent tells of it, too.
    watcher.on("error", () => this.#onName(directory, "moved"));
  }

  #refused(error: unknown): false {
    const code = codeOf(error);
    if (isOutOfWatches(error)) this.#full = true;
    else if (code === null || !["ENOENT", "ENOTDIR", "EACCES", "ELOOP"].includes(code)) throw error;
    return false;
  }
}

const latin1 = (name: string) => Buffer.from(name).toString("latin1");

/** Whether an error says that this account may have no more watches, or no more instances of inotify. */
export function isOutOfWatches(error: unknown): boolean {
  return ["ENOSPC", "EMFILE"].includes(codeOf(error) ?? "");
}

/** Null when nothing is there, or no directory. */
function inodeOf(root: string, directory: BytePath): string | null {
  try {
    const stats = lstatSync(absolutePath(root, directory), { bigint: true, throwIfNoEntry: false });
    if (stats?.isDirectory() !== true && directory !== ROOT) return null;
    return stats === undefined ? null : `${stats.dev}:${stats.ino}`;
  } catch {
    return null;
  }
}
