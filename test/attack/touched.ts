import { posix } from "node:path";

/** Words that run a command so that `file` tells which files it and its children name, read or not. */
export function underFileTrace(file: string): string[] {
  const calls = "trace=%file,getdents,getdents64,open_tree,move_mount";
  return [
    "strace",
    "-f",
    "--seccomp-bpf",
    "-qq",
    "-y",
    "-s",
    "4096",
    "-e",
    calls,
    "-e",
    "signal=none",
    "-o",
    file,
  ];
}

/** What a command named below some directories, its roots. Too much may be in it, but nothing that it opened is missing. */
export interface Touched {
  /** Absolute. */
  readonly paths: ReadonlySet<string>;
  /** Directories that it mounted, renamed or made its root: what lies in them can have other names from then on. */
  readonly trees: ReadonlySet<string>;
  /** Directories whose entries it read, with the type of each. */
  readonly listed: ReadonlySet<string>;
  /** Relative paths, of which the trace does not tell where they begin. */
  readonly ends: ReadonlySet<string>;
  /** Those of directories that it mounted, renamed or made its root. */
  readonly treeEnds: ReadonlySet<string>;
}

/**
 * `file` is relative to `root`, one of the roots. Another file in its place is seen in what it says; a directory in its place
 * also by who lists the one around it.
 */
export function touches(
  touched: Touched,
  root: string,
  file: string,
  replaced: "file" | "directory",
): boolean {
  const path = posix.join(root, file);
  if (touched.paths.has(path)) return true;
  if (replaced === "directory" && touched.listed.has(posix.dirname(path))) return true;
  return (
    [...touched.trees].some((tree) => path.startsWith(`${tree}/`)) ||
    [...touched.ends].some((end) => `/${file}`.endsWith(`/${end}`)) ||
    [...touched.treeEnds].some((end) => `/${file}/`.includes(`/${end}/`))
  );
}

const CALL = /^\d+ +(?:<\.\.\. )?(\w+)/;
const NAMED = /(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g;
const MOVES = /^(?:mount|move_mount|open_tree|rename(?:at2?)?|pivot_root|chroot)$/;
/** The path that a new descriptor has in the end. */
const MADE = / = \d+<([^>]*)>/;
const LISTED = /^\d+ +getdents(?:64)?\(\d+<([^>]*)>/;
const OWN_DESCRIPTOR = /^\/(?:proc\/[^/]+|dev)\/fd\/(\d+)(?:\/|$)/;

/** Of a trace, what is below one of `roots`, which are absolute and without symlinks. */
export function touchedIn(trace: string, roots: readonly string[]): Touched {
  const [paths, trees, listed] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const [ends, treeEnds] = [new Set<string>(), new Set<string>()];
  const add = (to: Set<string>, path = "") => {
    for (const one of below(path, roots)) to.add(one);
  };
  const descriptors = descriptorsIn(trace);
  for (const line of trace.split("\n")) {
    const call = CALL.exec(line)?.[1] ?? "";
    const moves = MOVES.test(call);
    for (const { path, isEnd } of namesIn(call, line, descriptors)) {
      if (isEnd) (moves ? treeEnds : ends).add(path);
      else add(paths, path);
      if (!isEnd && moves) add(trees, path);
    }
    add(paths, MADE.exec(line)?.[1]);
    add(listed, LISTED.exec(line)?.[1]);
  }
  return { paths, trees, listed, ends, treeEnds };
}

/** All that each number stood for, in any process and at any time. */
type Descriptors = ReadonlyMap<string, ReadonlySet<string>>;

function descriptorsIn(trace: string): Descriptors {
  const all = new Map<string, Set<string>>();
  for (const [, number = "", path = ""] of trace.matchAll(/\b(\d+)<(\/[^>]*)>/g))
    all.set(number, (all.get(number) ?? new Set()).add(path));
  return all;
}

interface Name {
  readonly path: string;
  readonly isEnd: boolean;
}

/** What `execve` hands on is no path of its own; a mount's options can hold some. */
function namesIn(call: string, line: string, descriptors: Descriptors): Name[] {
  const named = [...line.matchAll(NAMED)];
  return (call === "execve" ? named.slice(0, 1) : named).flatMap(([, directory, path = ""]) =>
    path.split(/[,:=]/).flatMap((part) => nameOf(directory, part, descriptors)),
  );
}

function nameOf(directory: string | undefined, path: string, descriptors: Descriptors): Name[] {
  const [whole = "", number = ""] = OWN_DESCRIPTOR.exec(path) ?? [];
  const rest = path.slice(whole.length);
  if (rest === "") return [];
  const from = whole === "" ? directory : undefined;
  if (from !== undefined || rest.startsWith("/"))
    return [{ path: posix.resolve("/", from ?? "", rest), isEnd: false }];
  const known = [...(descriptors.get(number) ?? [])];
  if (known.length > 0) return known.map((one) => ({ path: posix.join(one, rest), isEnd: false }));
  const end = posix.normalize(rest).replace(/^(?:\.\.?\/)+|^\.\.?$|\/$/g, "");
  return end === "" ? [] : [{ path: end, isEnd: true }];
}

/** Also of a path with another root before it, as a jail sees it while it is set up. */
function below(path: string, roots: readonly string[]): string[] {
  return roots.flatMap((root) => {
    const at = `${path}/`.indexOf(`${root}/`);
    return at < 0 ? [] : [posix.normalize(path.slice(at)).replace(/\/$/, "")];
  });
}
