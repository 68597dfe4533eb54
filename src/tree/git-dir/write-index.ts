import { join } from "node:path";
import { type BytePath, pathBytes, toPath } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import type { HashedSnapshot } from "../../core/snapshot.ts";
import { readBytes, writeBytes } from "../../system/client-files.ts";
import { askGit, type WorkTree } from "../../system/git.ts";
import { type GuestStat, withStats } from "./index-file.ts";
import { GITLINK } from "./objects.ts";
import type { GitState } from "./state.ts";
import type { Tracked } from "./tracked.ts";

const settings = ["core.splitIndex=false", "core.untrackedCache=false", "core.protectNTFS=false"];

/** The client's index, and the tree that it is about. */
interface ClientIndex extends Pick<GitState, "format"> {
  readonly tracked: readonly Tracked[];
  /** The stats in a guest of files that have not changed since git last looked. */
  readonly clean: ReadonlyMap<BytePath, GuestStat>;
  readonly hashed: HashedSnapshot;
}

/** Writes the client's index into the repository `made`, for a guest. */
export async function writeIndex(
  made: WorkTree,
  { format, tracked, clean, hashed }: ClientIndex,
  context: Context,
): Promise<void> {
  const plain = { ...made, settings: settings.flatMap((one) => ["-c", one]) };
  const update = (words: readonly string[], records: readonly Buffer[]) =>
    askGit(plain, ["update-index", "-z", ...words], context, {
      env: { GIT_INDEX_VERSION: "2" },
      input: Buffer.concat(records.flatMap((record) => [record, Buffer.from("\0")])),
    });
  const entries = tracked.map(({ mode, id, stage, path }) =>
    pathBytes(toPath(`${mode} ${id} ${stage}\t${path}`)),
  );
  await update(["--index-info"], entries);
  await update(["--skip-worktree", "--stdin"], awayPaths(tracked, hashed).map(pathBytes));
  const file = join(made.directory, ".git/index");
  const index = readBytes(file);
  if (index !== null)
    writeBytes(
      file,
      withStats(index, format, (path) => clean.get(path) ?? null),
    );
}

/** Paths that are tracked and on the client's disk, but not in the snapshot: git in the guest must not think that they were deleted. */
function awayPaths(
  tracked: readonly Tracked[],
  { entries, snapshot }: Pick<HashedSnapshot, "entries" | "snapshot">,
): BytePath[] {
  const there = new Set<string>(entries.flatMap(({ path }) => [path, ...directoriesOf(path)]));
  const leftOut = new Set<string>(snapshot.leftOut.map(({ path }) => path));
  const isAway = ({ path, mode, sparse }: Tracked) => mode === GITLINK || sparse || leftOut.has(path);
  return tracked
    .filter((one) => one.stage === "0" && !there.has(one.path) && isAway(one))
    .map(({ path }) => path);
}

function directoriesOf(path: BytePath): string[] {
  const found: string[] = [];
  for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) found.push(path.slice(0, at));
  return found;
}
