import type { Allowed } from "../../core/guard-rules.ts";
import type { Snapshot, SnapshotEntry, SnapshotFilters } from "../../core/snapshot.ts";
import type { Evidence } from "./evidence.ts";
import type { Recalled } from "./recall.ts";

/** What a snapshot is known to be besides what it says, for `hash`; of the very object, for a copy may say something else. */
const recalled = new WeakMap<Snapshot, Recalled>();
const seen = new WeakMap<Snapshot, Seen>();

interface Seen {
  readonly evidence: Evidence;
  readonly filters: SnapshotFilters;
}

/** The snapshot of a recalled tree; its entries are made when they are asked for. */
export function recalledSnapshot(tree: Recalled, allow: readonly Allowed[]): Snapshot {
  let made: readonly SnapshotEntry[] | null = null;
  const snapshot: Snapshot = {
    workspace: tree.root,
    source: tree.source,
    get entries() {
      made ??= entriesNow(tree);
      return made;
    },
    leftOut: tree.record.leftOut,
    keepModes: false,
    allow,
  };
  recalled.set(snapshot, tree);
  return snapshot;
}

/** The tree that a snapshot was recalled from; null when it was listed. */
export function recalledTree(snapshot: Snapshot): Recalled | null {
  return recalled.get(snapshot) ?? null;
}

export function keepEvidence(snapshot: Snapshot, evidence: Evidence, filters: SnapshotFilters): void {
  seen.set(snapshot, { evidence, filters });
}

export function evidenceOf(snapshot: Snapshot): Seen | null {
  return seen.get(snapshot) ?? null;
}

function entriesNow({ files, changed }: Recalled): readonly SnapshotEntry[] {
  const now = new Map(changed.map((entry) => [entry.path, entry]));
  return files.entries().map((entry) => {
    const { path, type, size, stat } = now.get(entry.path) ?? entry;
    return { path, type, size, stat };
  });
}
