import { type BytePath, ROOT } from "../core/byte-path.ts";
import type { Context } from "../core/context.ts";
import { InfraError } from "../core/errors.ts";
import { isSettled, STAT_SIZE, unpackStat } from "../system/file-stat.ts";
import { inspect } from "../system/files.ts";
import { readCache, writeCache } from "./cache-file.ts";
import { readClock } from "./tree-clock.ts";
import { children } from "./walk.ts";

/** The names directly in a directory; none when it is not a directory, or no longer one. */
interface Looked {
  readonly directories: readonly string[];
  /** Sockets, FIFOs and devices. */
  readonly specials: readonly string[];
  /** Whether it has a `.git`, which may become a repository without a trace in the directory. */
  readonly isOdd: boolean;
  /** Packed; null when it is not a directory. */
  readonly stat: string | null;
}

interface DirectoryMemory {
  look(directory: BytePath): Looked;
  /** Stores what was read. If that fails, the directories are read again next time. */
  save(): void;
}

interface Known {
  readonly stat: string;
  /** Names of subdirectories, with `/` between them. A directory with special files or a `.git` file is not remembered. */
  readonly directories: string;
}

const nothing: Looked = { directories: [], specials: [], isOdd: false, stat: null };

/** Remembers the directories below a root: one whose `lstat` is unchanged has the same names in it. */
export function openDirectoryMemory(root: string, context: Context): DirectoryMemory {
  const key = { kind: "directories 2", path: root };
  const moment = readClock(context);
  const known = parse(readCache(key, context));
  const now = new Map<BytePath, Known>();
  let news = false;

  const readAgain = (directory: BytePath, stat: string): Looked => {
    const found = { ...split(root, directory), stat };
    news = true;
    const settled = !(moment instanceof InfraError) && isSettled(unpackStat(stat), moment);
    const isTold = !found.isOdd || found.directories.includes(GIT) || directory === ROOT;
    if (settled && found.specials.length === 0 && isTold)
      now.set(directory, { stat, directories: found.directories.join("/") });
    return found;
  };

  return {
    look: (directory) => {
      const found = inspect(root, directory);
      if (found?.type !== "directory") return nothing;
      const before = known.get(directory);
      if (before?.stat !== found.stat) return readAgain(directory, found.stat);
      now.set(directory, before);
      const directories = before.directories === "" ? [] : before.directories.split("/");
      return { directories, specials: [], isOdd: directories.includes(GIT), stat: found.stat };
    },
    save: () => {
      if (news || now.size !== known.size) writeCache(key, [encode(now)], context);
    },
  };
}

const GIT = ".git";

function split(root: string, directory: BytePath): Omit<Looked, "stat"> {
  const directories: string[] = [];
  const specials: string[] = [];
  let isOdd = false;
  for (const { path, kind } of children(root, directory)) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (kind === "directory") directories.push(name);
    if (kind === "special") specials.push(name);
    isOdd ||= name === GIT;
  }
  return { directories, specials, isOdd };
}

/** `<path>\0<stat><directories>\0`, one after the other. */
function encode(known: ReadonlyMap<BytePath, Known>): Buffer {
  const records = [...known].map(([path, { stat, directories }]) => `${path}\0${stat}${directories}\0`);
  return Buffer.from(records.join(""), "latin1");
}

function parse(body: Buffer | null): Map<string, Known> {
  const known = new Map<string, Known>();
  const text = body?.toString("latin1") ?? "";
  for (let start = 0; start < text.length; ) {
    const stat = text.indexOf("\0", start) + 1;
    const end = text.indexOf("\0", stat + STAT_SIZE);
    known.set(text.slice(start, stat - 1), {
      stat: text.slice(stat, stat + STAT_SIZE),
      directories: text.slice(stat + STAT_SIZE, end),
    });
    start = end + 1;
  }
  return known;
}
