import { formatPath } from "../config/issues.ts";
import { displayPath, pathBytes } from "../core/byte-path.ts";
import type { Context } from "../core/context.ts";
import { ConfigError } from "../core/errors.ts";
import type { JobName } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import { shardOf } from "../core/shards.ts";
import type { HashedEntry, HashedSnapshot } from "../core/snapshot.ts";
import { selectFiles } from "../nix/select-files.ts";
import { type Division, rememberDivision, rememberedDivision } from "../runs/assignments.ts";
import type { CacheMode } from "../runs/cached-jobs.ts";
import { type DividedFile, divide } from "../runs/divide.ts";
import { earlierTimes } from "../runs/test-times.ts";
import { globMatcher } from "../tree/globs.ts";

/**
 * The jobs with the files that are each shard's, docs/matrix-and-shards.md. A tree whose inputs are the same is divided as
 * before, so that its verdicts are found; with `refresh`, and where something changed, by the newest times. ConfigError.
 */
export function withShardFiles(
  jobs: readonly JobSpec[],
  hashed: HashedSnapshot,
  mode: CacheMode,
  context: Context,
): readonly JobSpec[] {
  const made = new Map<string, readonly (readonly string[])[]>();
  return jobs.map((job) => {
    const { shard } = job;
    const name = shardOf(job.name);
    if (shard?.globs === undefined || name === null || isDivided(job, hashed)) return job;
    const key = JSON.stringify([name.whole, job.inputs ?? [], shard.globs]);
    const shards =
      made.get(key) ??
      shardsOf(divisionOf(name.whole, job, shard.globs, hashed), job.cwd, hashed, mode, context);
    made.set(key, shards);
    return { ...job, shard: { ...shard, files: shards[shard.index - 1] ?? [] } };
  });
}

/** A shard of an earlier run that is repeated, of whose files all are there. */
function isDivided({ shard }: JobSpec, { entries }: HashedSnapshot): boolean {
  if (shard?.files === undefined) return false;
  const there = new Set(entries.map(({ path }) => pathBytes(path).toString("utf8")));
  return shard.files.every((path) => there.has(path));
}

function divisionOf(job: JobName, spec: JobSpec, globs: readonly string[], hashed: HashedSnapshot): Division {
  const count = spec.shard?.count ?? 1;
  const paths = filesOf(spec, globs, hashed).map(({ path }) => path);
  if (paths.length < count)
    throw wrong(
      spec,
      `${paths.length} files match, fewer than the ${count} shards`,
      "have fewer shards, or correct the globs: many test runners run everything when they are given no file",
    );
  return { job, count, inputs: selectFiles(hashed, spec.inputs ?? []).contentHash, paths };
}

function shardsOf(
  division: Division,
  cwd: string,
  { entries }: HashedSnapshot,
  mode: CacheMode,
  context: Context,
): readonly (readonly string[])[] {
  const known = mode === "refresh" ? null : rememberedDivision(context.memory, division);
  if (known !== null) return known;
  const wanted = new Set(division.paths);
  const files = entries.map(asFile).filter(({ path }) => wanted.has(path));
  const shards = divide(files, earlierTimes(context, { ...division, cwd }), division.count);
  rememberDivision(division, shards, context);
  return shards;
}

/** In order. ConfigError for a name that the list, which has a line for each, cannot hold. */
function filesOf(spec: JobSpec, globs: readonly string[], { entries }: HashedSnapshot): DividedFile[] {
  const matches = globMatcher(globs);
  const found = entries.filter(
    ({ path, type }) => (type === "file" || type === "executable") && matches(path) !== null,
  );
  const odd = found.find(({ path }) => displayPath(path) !== asFile({ path, size: 0 }).path);
  if (odd !== undefined)
    throw wrong(
      spec,
      `${JSON.stringify(displayPath(odd.path))} has a name that a line of text cannot hold`,
      "rename the file, or choose globs that leave it out",
    );
  return found.map(asFile).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function asFile({ path, size }: Pick<HashedEntry, "path" | "size">): DividedFile {
  return { path: pathBytes(path).toString("utf8"), size };
}

function wrong({ name, group }: JobSpec, message: string, hint: string): ConfigError {
  return new ConfigError(`${formatPath(["jobs", group ?? name, "shards", "files"])}: ${message}`, { hint });
}
