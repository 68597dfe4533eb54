import { rmSync } from "node:fs";
import type { Context } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { HashedSnapshot, Published } from "../core/snapshot.ts";
import {
  type EarlierSnapshot,
  fetchSnapshot,
  rememberedSnapshot,
  removeFetched,
} from "../publish/earlier-snapshot.ts";
import { type PublishOptions, publish } from "../publish/publish.ts";
import type { HostSession } from "../remote/session.ts";
import { withGitDirectory } from "../tree/git-dir/git-tree.ts";
import { makeGitDirectory } from "../tree/git-dir/make.ts";
import { type GitState, gitKey, readGitState } from "../tree/git-dir/state.ts";

type EarlierGit = Pick<EarlierSnapshot, "contentHash" | "source" | "origin">;

/** The repository that jobs with `git: true` see, and its part of their keys. */
export interface WantedGit {
  readonly key: string;
  readonly from:
    | { readonly kind: "now"; readonly state: GitState }
    | { readonly kind: "run"; readonly run: EarlierGit };
}

/** Null when no job has `git: true`. SnapshotRefused without a repository, UsageError when the earlier run made none. */
export async function wantedGit(
  jobs: readonly JobSpec[],
  workspace: string,
  exact: EarlierSnapshot | null,
  context: Context,
): Promise<WantedGit | null> {
  const job = jobs.find(({ git }) => git === true);
  if (job === undefined) return null;
  if (exact === null) {
    const state = await readGitState(workspace, context);
    return { key: gitKey(state), from: { kind: "now", state } };
  }
  if (exact.git === undefined)
    throw new UsageError(`job ${job.name} has \`git: true\`, and that run made no repository for it`, {
      hint: "its verdict was known, or the run ended first; `pikaci run` takes the tree as it is now",
    });
  const { contentHash, key } = exact.git;
  return { key, from: { kind: "run", run: { ...exact, contentHash } } };
}

/** The published tree for a job: the one with the repository for `git: true`. */
export function publishedFor({ name, git }: JobSpec, plain: Published, withGit: Published | null): Published {
  if (git !== true) return plain;
  if (withGit === null) throw new Error(`the repository of job ${name} was not published`);
  return withGit;
}

/** Publishes the tree with its repository, with the published tree alone as its base. Throws what `publish` throws. */
export async function publishGit(
  { from }: WantedGit,
  plain: Published,
  session: HostSession,
  { runId, ...options }: PublishOptions & { readonly runId: RunId },
  context: Context,
): Promise<Published> {
  const { facts } = session;
  const snapshots = [plain.hashed.contentHash, ...facts.snapshots];
  const place = { ...session, facts: { ...facts, snapshot: null, snapshots } };
  const send = (hashed: HashedSnapshot) => publish(hashed, place, options, context);
  if (from.kind === "now") {
    const directory = await makeGitDirectory(from.state, plain.hashed, context);
    try {
      return await send(await withGitDirectory(plain.hashed, directory, context));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  const { run } = from;
  const isThere = facts.snapshots.includes(run.contentHash);
  const known = isThere ? rememberedSnapshot(run, context.memory) : null;
  if (known !== null) return send(known);
  const fetched = await fetchSnapshot(run, runId, context);
  try {
    return await send(fetched);
  } finally {
    removeFetched(fetched);
  }
}
