/** Something that a collection may remove, on a host or in the workspace. */
export interface Item {
  /** `runs`, `snapshots`, …: what of a work dir it is. */
  readonly kind: string;
  readonly name: string;
  readonly bytes: number;
  /** Milliseconds since it was used. */
  readonly ageMs: number;
  /** A run that is under way uses it now. */
  readonly held: boolean;
  readonly pinned: boolean;
  /** A run with a job that did not pass. */
  readonly failed: boolean;
  /** A run whose results nobody has fetched. */
  readonly uncollected: boolean;
  /** A failed job that is kept for `pikaci shell`, or something that it needs. */
  readonly kept?: boolean;
  /** A snapshot of an older layout, which counts as absent. */
  readonly outdated?: boolean;
}

/** An item that no run holds and that nobody wants to keep. */
export const NOT_KEPT = { held: false, pinned: false, failed: false, uncollected: false } as const;

/** What people want to keep. */
export interface Policy {
  /** Newest runs, and newest snapshots. */
  readonly keepLast: number;
  /** How many of the newest runs that did not pass are kept in addition. */
  readonly keepFailed: number;
  readonly maxAgeMs: number;
  /** Of all runs, snapshots, caches and artifacts together; null: no limit. */
  readonly maxBytes: number | null;
}

export interface Decision {
  readonly item: Item;
  readonly remove: boolean;
  /** Why it is removed, or why it stays. */
  readonly why: string;
}

/** What was used within this time is never removed, under any policy. */
export const MIN_AGE_MS = 600_000;

const COUNTED = ["runs", "snapshots", "cache", "artifacts"];

/** Decides which items are removed and which stay, and why, in the order of the items; pure. */
export function planCollection(items: readonly Item[], policy: Policy): Decision[] {
  const newest = (wanted: (item: Item) => boolean, count: number) =>
    [...items]
      .filter(wanted)
      .sort((a, b) => a.ageMs - b.ageMs)
      .slice(0, count);
  const kept = new Map<Item, string>();
  for (const item of newest(({ kind, failed }) => kind === "runs" && failed, policy.keepFailed))
    kept.set(item, `of the last ${policy.keepFailed} that did not pass`);
  for (const kind of ["runs", "snapshots"])
    for (const item of newest((one) => one.kind === kind && one.outdated !== true, policy.keepLast))
      kept.set(item, `of the last ${policy.keepLast}`);
  const first = items.map((item) => judge(item, policy, kept.get(item) ?? null));
  return policy.maxBytes === null ? first : fit(first, policy.maxBytes);
}

function judge(item: Item, { maxAgeMs, keepLast }: Policy, kept: string | null): Decision {
  const safe = protection(item);
  if (safe !== null) return { item, remove: false, why: safe };
  if (item.outdated) return { item, remove: true, why: "published by an older pikaci" };
  if (item.ageMs > maxAgeMs) return { item, remove: true, why: "not used for long" };
  if (kept !== null) return { item, remove: false, why: kept };
  if (item.uncollected) return { item, remove: false, why: "its results were not fetched" };
  return item.kind === "runs" || item.kind === "snapshots"
    ? { item, remove: true, why: `older than the last ${keepLast}` }
    : { item, remove: false, why: "used" };
}

/** Why an item stays under every policy; null when it need not. */
function protection({ held, pinned, kept, ageMs }: Item): string | null {
  if (held) return "in use";
  if (kept) return "one of its failed jobs is kept for `pikaci shell`";
  if (pinned) return "pinned";
  return ageMs < MIN_AGE_MS ? "used within 10 minutes" : null;
}

/** Selects the longest unused items until the rest fits. */
function fit(decisions: readonly Decision[], maxBytes: number): Decision[] {
  const counted = decisions.filter(({ item, remove }) => !remove && COUNTED.includes(item.kind));
  let left = counted.reduce((sum, { item }) => sum + item.bytes, 0);
  const going = new Set<Item>();
  for (const { item } of [...counted].sort((a, b) => b.item.ageMs - a.item.ageMs)) {
    if (left <= maxBytes) break;
    if (protection(item) !== null) continue;
    going.add(item);
    left -= item.bytes;
  }
  return decisions.map((one) =>
    going.has(one.item) ? { ...one, remove: true, why: "over the size limit" } : one,
  );
}
