import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type BytePath, toPath } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import { attempt } from "../../system/attempt.ts";
import { blake3Hex } from "../../system/blake3.ts";
import {
  changedAt,
  listDirectory,
  makeDirectory,
  readBytes,
  removeFile,
  writeBytes,
  writeOnce,
} from "../../system/client-files.ts";
import { askOwnGit } from "../../system/git.ts";
import { watchedStat } from "./circumstances.ts";
import { encodeIndex, type IndexFile, markPath, type Owner } from "./private-index.ts";

/**
 * A repository of pikaci's own, of which only the index is ever used: git compares the stats that are in it with those on disk, in
 * several threads and in a third of the time that Node takes for as many `lstat` calls. Nothing of the workspace's repository
 * has a part in it.
 */
export interface OwnIndex {
  /** The repository's directory. */
  readonly directory: string;
  /** Of the index file, 64 hex digits. */
  readonly digest: string;
  readonly mark: string;
}

/** Where the repository for comparing `root` lies. Null where nothing is remembered. */
export function ownRepository(root: string, { memory }: Pick<Context, "memory">): string | null {
  const name = `look-${blake3Hex(Buffer.from(root)).slice(0, 32)}`;
  return memory.directory === null ? null : join(memory.directory, name);
}

/** After this long, in milliseconds, a temporary file was left by a killed writer. */
const STALE_MS = 3_600_000;

/** Writes an index of these files; InfraError("client"). */
export function writeOwnIndex(
  directory: string,
  files: readonly IndexFile[],
  owner: Owner,
  { clock }: Pick<Context, "clock">,
): OwnIndex {
  const mark = randomUUID();
  for (const part of ["objects", "refs"]) makeDirectory(join(directory, part));
  writeOnce(join(directory, "HEAD"), "ref: refs/heads/none\n");
  const index = encodeIndex([...files, { path: markPath(mark), type: "file", stat: null }], owner);
  writeBytes(join(directory, "index"), index);
  sweep(directory, clock().getTime() - STALE_MS);
  return { directory, digest: blake3Hex(index), mark };
}

/** Removes what killed writers left. */
function sweep(directory: string, before: number): void {
  for (const path of listDirectory(directory).map((name) => join(directory, name)))
    if (/\/index\.\d+$/.test(path) && (changedAt(path)?.getTime() ?? before) < before) removeFile(path);
}

/**
 * The paths whose stat is not the index's, or that are gone. Null when git did not compare with this very index: another process may
 * write one of its own at any time, and git takes a missing one for empty.
 */
export async function differing(root: string, index: OwnIndex, context: Context): Promise<BytePath[] | null> {
  const file = join(index.directory, "index");
  const before = watchedStat(file);
  const asking = askOwnGit(root, index.directory, ["diff-files", "-z", "--name-only"], context);
  const isWhole = digestOf(file) === index.digest;
  const { exitCode, stdout } = await asking;
  if (!isWhole || exitCode !== 0 || watchedStat(file) !== before) return null;
  const paths = stdout.toString("latin1").split("\0").slice(0, -1).map(toPath);
  const mark = markPath(index.mark);
  return paths.includes(mark) ? paths.filter((path) => path !== mark) : null;
}

function digestOf(file: string): string | null {
  const bytes = attempt(() => readBytes(file));
  return bytes instanceof Uint8Array ? blake3Hex(bytes) : null;
}
