import { displayPath } from "../core/byte-path.ts";
import type { Context } from "../core/context.ts";
import type { StorePath } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { KeyParts } from "../core/verdict.ts";
import { contentOf, pathMemory } from "../nix/client-path-memory.ts";
import { type ClientPath, clientPath } from "../nix/client-paths.ts";
import { parsePreparedPart, preparedPart } from "../runs/key.ts";
import { diffManifests } from "../tree/manifest/diff.ts";
import { getManifest } from "../tree/manifest/store.ts";

/** A client path that has changed. */
export interface ChangedPath {
  /** Its name in `prepare`. */
  readonly name: string;
  readonly path: string;
  /** The first of its files that changed, as `added a/b`; none when the old files are not remembered. */
  readonly files: readonly string[];
  /** How many more changed. */
  readonly more: number;
}

/** What this machine knows about a job's prepared outputs. */
interface KnownPrepared {
  /** All of them; null where only the host knows one. */
  readonly storePaths: Readonly<Record<string, StorePath>> | null;
  /** The key's part, as far as it is known here; null where only the host can say. */
  readonly part: string | null;
  readonly changed: readonly ChangedPath[];
}

const SHOWN = 5;

/** Compares the job's client paths with those in a verdict's key. ConfigError, SnapshotRefused, InfraError. */
export async function knownPrepared(
  { prepare }: Pick<JobSpec, "prepare">,
  before: KeyParts | null,
  workspace: string,
  context: Context,
): Promise<KnownPrepared> {
  const old = before === null ? null : parsePreparedPart(before["prepared outputs"]);
  const now: Record<string, StorePath> = {};
  const changed: ChangedPath[] = [];
  for (const [name, spec] of Object.entries(prepare)) {
    if (spec.kind !== "path") continue;
    const found = await clientPath(workspace, spec, context);
    now[name] = found.storePath;
    const was = old?.[name];
    if (was !== undefined && was !== found.storePath)
      changed.push({ name, path: spec.path, ...changedFiles(was, found, context) });
  }
  const whole = Object.keys(now).length === Object.keys(prepare).length;
  if (whole) return { storePaths: now, part: preparedPart(now), changed };
  const part = changed.length === 0 ? null : preparedPart({ ...old, ...now });
  return { storePaths: null, part, changed };
}

function changedFiles(
  was: string,
  { hashed }: ClientPath,
  { memory }: Context,
): Pick<ChangedPath, "files" | "more"> {
  const content = contentOf(was, { memory });
  const before = content === null ? null : getManifest(pathMemory(memory), content);
  if (before === null) return { files: [], more: 0 };
  const changes = diffManifests(before, hashed.hashed.entries);
  const files = changes.slice(0, SHOWN).map(({ kind, path }) => `${kind} ${displayPath(path)}`);
  return { files, more: changes.length - files.length };
}
