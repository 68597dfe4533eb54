import type { Context } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import { type ContentHash, orNull, parseContentHash } from "../core/ids.ts";
import type { RunRecord } from "../core/run-record.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import { openRun, runIds } from "../runs/stored-runs.ts";
import type { ManifestEntry } from "../tree/manifest/manifest.ts";
import { getManifest, knownManifests } from "../tree/manifest/store.ts";

/** One tree of a comparison; entries in byte order. */
export interface Side {
  /** As it was asked for: `workspace`, a run id, or a content hash. */
  readonly name: string;
  readonly contentHash: ContentHash;
  readonly entries: readonly ManifestEntry[];
}

type Place = Pick<Context, "stateDir" | "memory">;

/** How many content hashes a message names. */
const SHOWN = 5;

/** What can be the start of a content hash. */
const PREFIX = /^[0-9a-f]{4,63}$/;

/**
 * The tree that `wanted` means: `.` or `workspace`, a content hash or its prefix, a run id or its prefix, or `latest`.
 * `workspace` hashes the tree as it is now. UsageError when nothing, or more than one, is meant.
 */
export async function resolveSide(
  wanted: string,
  place: Place,
  workspace: () => Promise<HashedSnapshot>,
): Promise<Side> {
  if (wanted !== "." && wanted !== "workspace") return remembered(wanted, place);
  const { contentHash, entries } = await workspace();
  return { name: "workspace", contentHash, entries };
}

function remembered(wanted: string, place: Place): Side {
  const hash = findHash(wanted, knownManifests(place.memory));
  const run = hash === null ? runOf(wanted, place) : null;
  const contentHash = hash ?? run?.snapshot?.content_hash;
  if (contentHash === undefined)
    throw new UsageError(`run ${run?.run_id} ended before it had a snapshot`, {
      hint: "`pikaci list` shows the runs; compare with another one",
    });
  const entries = getManifest(place.memory, contentHash);
  if (entries === null) throw unknown(contentHash, place);
  return { name: run?.run_id ?? contentHash, contentHash, entries };
}

/** The run that `wanted` means; for an unknown text that could be a hash, the error speaks of runs and snapshots. */
function runOf(wanted: string, place: Place): RunRecord {
  if (PREFIX.test(wanted) && !runIds(place.stateDir).some((id) => id.startsWith(wanted)))
    throw new UsageError(`no run and no remembered snapshot starts with ${JSON.stringify(wanted)}`, {
      hint: `\`pikaci list\` shows the runs; remembered snapshots: ${listKnown(place)}`,
    });
  return openRun(place, wanted).record;
}

/** A whole hash, known or not, or what a prefix means; null for what is no content hash. */
function findHash(wanted: string, known: readonly ContentHash[]): ContentHash | null {
  const whole = orNull(parseContentHash, wanted);
  if (whole !== null || !PREFIX.test(wanted)) return whole;
  const [only, ...others] = known.filter((hash) => hash.startsWith(wanted));
  if (only === undefined) return null;
  if (others.length === 0) return only;
  throw new UsageError(`${others.length + 1} snapshots start with ${JSON.stringify(wanted)}`, {
    hint: `write more of the hash: ${[only, ...others].slice(0, SHOWN).join(", ")}`,
  });
}

function unknown(hash: ContentHash, place: Place): UsageError {
  return new UsageError(`this workspace does not remember what was in the snapshot ${hash}`, {
    hint: `\`pikaci run\` and \`pikaci publish\` remember what they publish from here; remembered: ${listKnown(place)}`,
  });
}

function listKnown(place: Place): string {
  const known = knownManifests(place.memory);
  const named = known.slice(0, SHOWN).map((hash) => hash.slice(0, 12));
  return known.length === 0 ? "none" : `${named.join(", ")}${known.length > SHOWN ? ", …" : ""}`;
}
