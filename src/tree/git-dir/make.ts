import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type BytePath, ROOT } from "../../core/byte-path.ts";
import type { Context } from "../../core/context.ts";
import { InfraError } from "../../core/errors.ts";
import type { HashedSnapshot } from "../../core/snapshot.ts";
import { removeTree } from "../../system/client-files.ts";
import { codeOf } from "../../system/error-code.ts";
import { unpackStat } from "../../system/file-stat.ts";
import { inspect } from "../../system/files.ts";
import { askGit, plainTree, type WorkTree } from "../../system/git.ts";
import { makeStaging } from "../../system/staging.ts";
import { askHistory, lines } from "./ask.ts";
import { cleanFiles } from "./clean.ts";
import { guardBlobs } from "./guard.ts";
import { blobsOf, headTree, present } from "./objects.ts";
import { groupBlobs, makePacks } from "./packs.ts";
import type { GitState } from "./state.ts";
import { parseTracked, trackedStatArgs } from "./tracked.ts";
import { writeIndex } from "./write-index.ts";

/**
 * Makes a repository with the parts of the workspace's that a job may see, in a directory that has its `.git` and nothing else;
 * the caller removes it. `hashed` is the tree that it belongs to. SnapshotRefused with git's message, and when a guard finds
 * something in a version of a file; InfraError("client") when it cannot be written.
 */
export async function makeGitDirectory(
  state: GitState,
  hashed: HashedSnapshot,
  context: Context,
): Promise<string> {
  const { directory } = context.memory;
  const place = directory === null ? null : join(directory, "git");
  let made: string | null = null;
  try {
    made = makeStaging(place, context.clock());
    await fill(made, place === null ? null : join(place, "packs"), state, hashed, context);
    return made;
  } catch (error) {
    if (made !== null) rmSync(made, { recursive: true, force: true });
    const code = error instanceof InfraError ? null : codeOf(error);
    throw code === null ? error : unwritable(code, error);
  }
}

function unwritable(code: string, cause: unknown): InfraError {
  const hint = "make room on this machine's disk, and run the command again";
  return new InfraError("client", `cannot write the repository for jobs with \`git: true\`: ${code}`, {
    hint,
    cause,
  });
}

async function fill(
  directory: string,
  kept: string | null,
  state: GitState,
  hashed: HashedSnapshot,
  context: Context,
): Promise<void> {
  const made: WorkTree = plainTree(directory, []);
  const init = ["init", "--quiet", "--template=", `--object-format=${state.format}`, "--initial-branch=none"];
  await askGit(made, init, context);
  const writtenNs = await indexTime(state, context);
  const tracked = parseTracked(await askGit(state.tree, trackedStatArgs, context));
  const clean = cleanFiles(tracked, hashed.entries, writtenNs);
  const cleanIds = new Map(tracked.filter(({ path }) => clean.has(path)).map(({ path, id }) => [path, id]));
  const paths = new Set<BytePath>(hashed.entries.map(({ path }) => path));
  const head = await headTree(state, context);
  const wanted = blobsOf(head, tracked, (path) => paths.has(path));
  const ids = wanted.map(({ id }) => id);
  const sizes = await present(ids, state, context);
  const blobs = wanted.filter(({ id }) => sizes.has(id));
  const others = blobs.filter(({ path, id }) => cleanIds.get(path) !== id);
  await guardBlobs(others, sizes, state, hashed.snapshot, context);
  const history = [...state.commits, ...state.tags.map(({ id }) => id), ...head.trees];
  const groups = [[...new Set(history)].sort(), ...groupBlobs(sizes.keys())];
  await makePacks(groups, made, kept, state, context);
  await writeRefs(made, state, context);
  await writeIndex(made, { format: state.format, tracked, clean, hashed }, context);
}

/** When the index was written; earlier than every file when there is none. */
async function indexTime({ tree }: GitState, context: Context): Promise<bigint> {
  const [path = ""] = lines(await askHistory(tree, ["rev-parse", "--git-path", "index"], context));
  const file = inspect(resolve(tree.directory, Buffer.from(path, "latin1").toString()), ROOT);
  return file === null ? 0n : unpackStat(file.stat).mtimeNs;
}

async function writeRefs(made: WorkTree, state: GitState, context: Context): Promise<void> {
  const { head, branch, tags, shallow } = state;
  const git = join(made.directory, ".git");
  writeFileSync(join(git, "config"), configText(state));
  if (shallow.length > 0) writeFileSync(join(git, "shallow"), shallow.map((id) => `${id}\n`).join(""));
  const refs = tags.map(({ name, id }) => [`refs/tags/${name}`, id]);
  if (branch !== null) refs.push([branch, head]);
  const input = Buffer.from(refs.map(([ref, id]) => `create ${ref}\0${id}\0`).join(""), "latin1");
  await askGit(made, ["update-ref", "--stdin", "-z"], context, { input });
  await askGit(made, ["pack-refs", "--all"], context);
  writeFileSync(join(git, "HEAD"), Buffer.from(`${branch === null ? head : `ref: ${branch}`}\n`, "latin1"));
  // What packing leaves of a branch with a slash in its name.
  removeTree(join(git, "refs"));
  for (const kind of ["heads", "tags"]) mkdirSync(join(git, "refs", kind), { recursive: true });
}

/** A new configuration: the workspace's own may name programs. */
function configText({ format }: GitState): string {
  const sha256 = format === "sha256" ? "[extensions]\n\tobjectFormat = sha256\n" : "";
  return `[core]
\trepositoryFormatVersion = ${format === "sha256" ? 1 : 0}
\tfileMode = true
\tbare = false
\tlogAllRefUpdates = false
\ttrustCtime = false
\tcheckStat = minimal
${sha256}[diff]
\trenames = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
`;
}
