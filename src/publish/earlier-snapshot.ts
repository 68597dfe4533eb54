import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context, Memory } from "../core/context.ts";
import { InfraError, MismatchError } from "../core/errors.ts";
import { guardRuleNames } from "../core/guard-rules.ts";
import type { ContentHash, RunId } from "../core/ids.ts";
import type { HostSpec } from "../core/project.ts";
import type { HashedSnapshot, SnapshotFilters, SourceInfo } from "../core/snapshot.ts";
import { openPlainSession } from "../remote/host-link.ts";
import { converse } from "../remote/program.ts";
import type { HostSession } from "../remote/session.ts";
import { withGitDirectory } from "../tree/git-dir/git-tree.ts";
import { hash } from "../tree/hash.ts";
import { assemble } from "../tree/manifest/assemble.ts";
import { getManifest } from "../tree/manifest/store.ts";
import { snapshot } from "../tree/snapshot.ts";
import { unpackArtifacts } from "./unpack.ts";

/** The snapshot of an earlier run, to be run as it was. */
export interface EarlierSnapshot {
  readonly contentHash: ContentHash;
  readonly source: SourceInfo;
  /** The earlier tree with its repository, and its part of a key; absent where the run made none. */
  readonly git?: { readonly contentHash: ContentHash; readonly key: string };
  /** A host that had it. */
  readonly origin: HostSpec;
}

/** The tree passed the guards when it was taken, so the present configuration does not matter. */
const everything: SnapshotFilters = {
  include: [],
  exclude: [],
  allow: guardRuleNames.map((rule) => ({ rule, paths: ["**"] })),
  maxFileSize: Number.MAX_SAFE_INTEGER,
};

/** Bytes that a tree's files with holes may have all together: a host could say any number, and all of it would be hashed. */
const LONGEST_HOLES = 2 ** 40;

/** The snapshot as this machine remembers it, without files; enough where the host has them. Null when it is forgotten. */
export function rememberedSnapshot(
  { contentHash, source }: Pick<EarlierSnapshot, "contentHash" | "source">,
  memory: Memory,
): HashedSnapshot | null {
  const entries = getManifest(memory, contentHash);
  if (entries === null) return null;
  const known = entries.map((entry) => ({ ...entry, stat: "" }));
  return assemble({ workspace: null, source, entries: known, leftOut: [] }, known);
}

/**
 * The snapshot with its files, fetched from the host that has them into a temporary directory, its `workspace`, which
 * `removeFetched` removes. InfraError("host") when it is not there any more, MismatchError when another tree comes.
 */
export async function fetchSnapshot(
  exact: EarlierSnapshot,
  runId: RunId,
  context: Context,
): Promise<HashedSnapshot> {
  const directory = mkdtempSync(join(tmpdir(), "pikaci-tree-"));
  try {
    const session = await openPlainSession({ host: exact.origin, runId, as: "observer" }, context);
    await fetchTree(exact, session, directory, context).finally(() => session.connection.close());
    const gitDirectory = takeApart(directory);
    const tree = await snapshot({ workspace: directory, filters: everything }, context);
    const plain = await hash({ ...tree, source: exact.source }, context);
    const hashed = gitDirectory === null ? plain : await withGitDirectory(plain, gitDirectory, context);
    if (hashed.contentHash !== exact.contentHash) throw another(exact, hashed.contentHash);
    return hashed;
  } catch (error) {
    for (const place of [directory, besides(directory)]) rmSync(place, { recursive: true, force: true });
    throw error;
  }
}

/** Moves the repository of a fetched tree beside it, so that git does not take the tree for a work tree; null when it has none. */
function takeApart(directory: string): string | null {
  if (!existsSync(join(directory, ".git"))) return null;
  mkdirSync(besides(directory));
  renameSync(join(directory, ".git"), join(besides(directory), ".git"));
  return besides(directory);
}

function besides(directory: string): string {
  return `${directory}-git`;
}

export function removeFetched({ snapshot: { workspace, gitDirectory } }: HashedSnapshot): void {
  for (const place of [workspace, gitDirectory ?? null])
    if (place !== null) rmSync(place, { recursive: true, force: true });
}

async function fetchTree(
  { contentHash }: EarlierSnapshot,
  { connection, facts }: HostSession,
  directory: string,
  context: Context,
): Promise<void> {
  const params = { work_dir: facts.workDir, content_hash: contentHash };
  await converse(connection, { program: "tree-out", params }, context, async (channel) => {
    let whole = false;
    async function* bytes(): AsyncGenerator<Buffer> {
      for await (const { type, body } of channel.frames()) {
        if (type === "tree") yield body;
        else whole = true;
      }
      if (!whole) throw cutOff();
    }
    return unpackArtifacts(bytes(), directory, Number.POSITIVE_INFINITY, LONGEST_HOLES);
  });
}

function cutOff(): InfraError {
  return new InfraError("network", "the tree of the earlier run was cut off", {
    hint: "run the command again",
  });
}

function another({ contentHash, origin }: EarlierSnapshot, found: ContentHash): MismatchError {
  return new MismatchError(
    `the snapshot ${contentHash} of ${origin.url} is not what its name says: it is ${found}`,
    {
      hint: "the run cannot be repeated as it was; `pikaci run` takes the tree as it is now",
    },
  );
}
