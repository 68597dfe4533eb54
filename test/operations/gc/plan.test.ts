import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseItems } from "../../../src/operations/gc/host-items.ts";
import { type Item, MIN_AGE_MS, type Policy, planCollection } from "../../../src/operations/gc/plan.ts";

const HOUR = 3_600_000;
const policy: Policy = { keepLast: 2, keepFailed: 1, maxAgeMs: 100 * HOUR, maxBytes: null };

function item(kind: string, hours: number, more: Partial<Item> = {}): Item {
  return {
    ...{ kind, name: `${kind}-${hours}`, bytes: 100, ageMs: hours * HOUR },
    ...{ held: false, pinned: false, failed: false, uncollected: false },
    ...more,
  };
}

function removed(items: readonly Item[], wish: Partial<Policy> = {}): string[] {
  return planCollection(items, { ...policy, ...wish })
    .filter(({ remove }) => remove)
    .map(({ item: { name }, why }) => `${name}: ${why}`);
}

const cases: readonly [string, readonly Item[], Partial<Policy>, readonly string[]][] = [
  ["nothing", [], {}, []],
  [
    "the newest stay, of runs and of snapshots",
    [item("runs", 3), item("runs", 1), item("runs", 2), item("snapshots", 5)],
    {},
    ["runs-3: older than the last 2"],
  ],
  [
    "the newest that did not pass stays besides",
    [1, 2, 3, 4].map((hours) => item("runs", hours, { failed: hours > 2 })),
    {},
    ["runs-4: older than the last 2"],
  ],
  [
    "age counts for everything",
    [item("runs", 101), item("prepared", 101), item("prepared", 99), item("cache", 200)],
    {},
    ["runs-101: not used for long", "prepared-101: not used for long", "cache-200: not used for long"],
  ],
  [
    "what is held, pinned or young stays, whatever is asked",
    [
      item("runs", 500, { held: true }),
      item("snapshots", 500, { pinned: true }),
      { ...item("snapshots", 1), ageMs: MIN_AGE_MS - 1 },
    ],
    { keepLast: 0, keepFailed: 0, maxAgeMs: 1, maxBytes: 1 },
    [],
  ],
  [
    "results that nobody fetched stay until they are too old",
    [1, 2, 3, 101].map((hours) => item("runs", hours, { uncollected: true })),
    {},
    ["runs-101: not used for long"],
  ],
  [
    "what a failed job left to be entered stays, however old",
    [item("runs", 101, { kept: true }), item("snapshots", 102, { kept: true }), item("runs", 103)],
    { keepLast: 0, keepFailed: 0, maxBytes: 1 },
    ["runs-103: not used for long"],
  ],
  [
    "a snapshot of an older layout goes however new it is, unless it is protected, and takes no other's place",
    [
      item("snapshots", 1, { outdated: true }),
      item("snapshots", 2),
      item("snapshots", 3),
      item("snapshots", 4),
      item("snapshots", 5, { outdated: true, pinned: true }),
      item("snapshots", 6, { outdated: true, held: true }),
      item("snapshots", 7, { outdated: true, kept: true }),
      { ...item("snapshots", 8, { outdated: true }), ageMs: MIN_AGE_MS - 1 },
    ],
    {},
    ["snapshots-1: published by an older pikaci", "snapshots-4: older than the last 2"],
  ],
  [
    "the longest unused go until the rest fits; roots and records take no room of their own",
    [item("runs", 1), item("runs", 2), item("snapshots", 3), item("prepared", 50)],
    { maxBytes: 150 },
    ["runs-2: over the size limit", "snapshots-3: over the size limit"],
  ],
];

for (const [what, items, wish, expected] of cases)
  test(what, () => assert.equal(removed(items, wish), expected));

test("the host's list is read; anything else is an error", () => {
  const [one] = parseItems("runs/20260101T000000Z-00000000 12 700 ,failed,uncollected\n");
  assert.equal(one, {
    ...{ kind: "runs", name: "20260101T000000Z-00000000", bytes: 12288, ageMs: 700_000 },
    ...{ held: false, pinned: false, failed: true, uncollected: true },
  });
  assert.is(parseItems("snapshots/a 12 700 ,kept\n")[0]?.kept, true);
  assert.is(parseItems("snapshots/a 12 700 ,outdated\n")[0]?.outdated, true);
  assert.throws(() => parseItems("what is this"), /cannot be read: "what is this"/);
});

test.run();
