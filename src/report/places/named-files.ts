import { posix } from "node:path";

const WORKSPACE = "/workspace";
/** Where Nix has the tree that it evaluates. */
const IN_STORE = /^\/nix\/store\/[a-z0-9]{32}-[^/]+\/(?<path>.+)$/;
/** Without the snapshot's list, what looks like a file: it has an extension, and is no address. */
const LOOKS_LIKE_FILE = /^(?!\d+(?:\.\d+){3}$)[^\s:'"]+\.[A-Za-z]\w*$/;

/** `relative`: to the directory that its tool runs in; `anywhere`: its last part only, as Java and `go test` print it. */
export type Naming = "relative" | "anywhere";

/** The files of a run's snapshot, found by the names that logs have for them. */
export class NamedFiles {
  readonly #list: () => ReadonlySet<string> | null;
  #known: ReadonlySet<string> | null | undefined;
  #turned: readonly string[] | undefined;

  /** `list` gives paths relative to the workspace, null where nobody knows them; it is asked once, when a file is named. */
  constructor(list: () => ReadonlySet<string> | null) {
    this.#list = list;
  }

  /** The file that `name` means, said in one of these directories of the guest, the likeliest first; null: none of ours. */
  find(name: string, directories: readonly string[], naming: Naming = "relative"): string | null {
    const path = plainPath(name);
    if (this.#files() === null) return this.#guess(path, directories);
    if (posix.isAbsolute(path)) return this.#absolute(path);
    const near = naming === "relative" ? directories.map((one) => inWorkspace(one, path)) : [];
    return near.find((one) => one !== null && this.#has(one)) ?? this.#only(posix.normalize(path));
  }

  #files(): ReadonlySet<string> | null {
    if (this.#known === undefined) this.#known = this.#list();
    return this.#known;
  }

  #has(path: string): boolean {
    return isOurs(path) && this.#files()?.has(path) === true;
  }

  #guess(path: string, directories: readonly string[]): string | null {
    const found = inWorkspace(directories[0] ?? WORKSPACE, path);
    return found !== null && isOurs(found) && LOOKS_LIKE_FILE.test(path) ? found : null;
  }

  #absolute(path: string): string | null {
    const inside = inWorkspace("/", path) ?? IN_STORE.exec(path)?.groups?.["path"] ?? null;
    return inside !== null && this.#has(inside) ? inside : null;
  }

  /** The one file whose path ends so. */
  #only(path: string): string | null {
    if (path.startsWith("../")) return null;
    const all = this.#allTurned();
    const start = turned(path);
    const at = firstFrom(all, start);
    const [one, another] = [all[at], all[at + 1]];
    if (one?.startsWith(start) !== true || another?.startsWith(start) === true) return null;
    return turned(one.slice(0, -1)).slice(0, -1);
  }

  /** In order, so that files whose paths end alike stand together: a log may ask as often as it has lines. */
  #allTurned(): readonly string[] {
    this.#turned ??= [...(this.#files() ?? [])].filter(isOurs).map(turned).sort();
    return this.#turned;
  }
}

/** `a/b.c` as `b.c/a/`. */
function turned(path: string): string {
  return `${path.split("/").reverse().join("/")}/`;
}

/** The index of the first that does not stand before `text`, in a list in order. */
function firstFrom(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? "") < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

function plainPath(name: string): string {
  if (!name.startsWith("file://")) return name.includes("/") ? name : name.replaceAll("\\", "/");
  try {
    return decodeURIComponent(name.slice("file://".length));
  } catch (error) {
    if (error instanceof URIError) return name.slice("file://".length);
    throw error;
  }
}

/** Relative to the workspace; null for what is not below it. */
function inWorkspace(directory: string, path: string): string | null {
  const relative = posix.relative(WORKSPACE, posix.resolve(directory, path));
  return relative === "" || relative === ".." || relative.startsWith("../") ? null : relative;
}

/** What others wrote is not shown as a place of the project, also where it is in its tree. */
function isOurs(path: string): boolean {
  return !path.split("/").includes("node_modules");
}
