import { type BytePath, ROOT } from "../core/byte-path.ts";
import type { Context } from "../core/context.ts";
import { InfraError } from "../core/errors.ts";
import { DIGEST_SIZE } from "../system/blake3.ts";
import { isSettled, STAT_SIZE, unpackStat } from "../system/file-stat.ts";
import { inspect } from "../system/files.ts";
import { readCache, writeCache } from "./cache-file.ts";
import { GIT, type Names, readNames, type SeenDirectory } from "./names.ts";
import { readClock } from "./tree-clock.ts";

/** What is in a directory; nothing when it is none, or no longer one. */
interface Looked extends Omit<Names, "digest"> {
  /** Null when it is not a directory. */
  readonly seen: SeenDirectory | null;
}

interface DirectoryMemory {
  look(directory: BytePath): Looked;
  /** Stores what was read. If that fails, the directories are read again next time. */
  save(): void;
}

interface Known extends Omit<SeenDirectory, "path"> {
  /** Names of subdirectories, with `/` between them. A directory with special files or a `.git` file is not remembered. */
  readonly directories: string;
}

const nothing: Looked = { directories: [], specials: [], hasGit: false, seen: null };

/** Remembers the directories below a root: one whose `lstat` is unchanged has the same names in it. */
export function openDirectoryMemory(root: string, context: Context): DirectoryMemory {
  const key = { kind: "directories 2", path: root };
  const moment = readClock(context);
  const known = parse(readCache(key, context));
  const now = new Map<BytePath, Known>();
  let news = false;

  const readAgain = (path: BytePath, stat: string): Looked => {
    const { digest: names, ...found } = readNames(root, path);
    news = true;
    const settled = !(moment instanceof InfraError) && isSettled(unpackStat(stat), moment);
    const isTold = !found.hasGit || found.directories.includes(GIT) || path === ROOT;
    if (settled && found.specials.length === 0 && isTold)
      now.set(path, { stat, names, directories: found.directories.join("/") });
    return { ...found, seen: { path, stat, names } };
  };

  return {
    look: (directory) => {
      const found = inspect(root, directory);
      if (found?.type !== "directory") return nothing;
      const before = known.get(directory);
      if (before?.stat !== found.stat) return readAgain(directory, found.stat);
      now.set(directory, before);
      const { stat, names } = before;
      const directories = before.directories === "" ? [] : before.directories.split("/");
      const hasGit = directories.includes(GIT);
      return { directories, specials: [], hasGit, seen: { path: directory, stat, names } };
    },
    save: () => {
      if (news || now.size !== known.size) writeCache(key, [encode(now)], context);
    },
  };
}

/** `<path>\0<stat><names><directories>\0`, one after the other. */
function encode(known: ReadonlyMap<BytePath, Known>): Buffer {
  const records = [...known].map(
    ([path, { stat, names, directories }]) => `${path}\0${stat}${names}${directories}\0`,
  );
  return Buffer.from(records.join(""), "latin1");
}

function parse(body: Buffer | null): Map<string, Known> {
  const known = new Map<string, Known>();
  const text = body?.toString("latin1") ?? "";
  for (let start = 0; start < text.length; ) {
    const stat = text.indexOf("\0", start) + 1;
    const names = stat + STAT_SIZE;
    const directories = names + DIGEST_SIZE;
    const end = text.indexOf("\0", directories);
    known.set(text.slice(start, stat - 1), {
      stat: text.slice(stat, names),
      names: text.slice(names, directories),
      directories: text.slice(directories, end),
    });
    start = end + 1;
  }
  return known;
}
