import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytePath } from "../../src/core/byte-path.ts";
import type { EntryType } from "../../src/core/snapshot.ts";
import {
  expectedListing,
  listingBytes,
  listingDifference,
  listingParts,
  parseListing,
  parseRecord,
} from "../../src/publish/tree-listing.ts";
import { byPath, EMPTY_DIGEST, type ManifestEntry } from "../../src/tree/manifest/manifest.ts";

const test = suite("tree listing");

function entry(name: string, type: EntryType, size = 3): ManifestEntry {
  return { path: bytePath(Buffer.from(name, "latin1")), type, size, digest: EMPTY_DIGEST };
}

const tree = [
  entry("a/b", "file"),
  entry("a b", "executable"),
  entry("empty", "directory", 0),
  entry("link", "symlink"),
];
const listing = expectedListing(tree, () => "../x");

test("names every directory, mode, size, time and target", () => {
  assert.equal(
    listing,
    [
      "snapshot/a b//f 755 3 315619200.0000000000",
      "snapshot/a//d 755 315619200.0000000000",
      "snapshot/a/b//f 644 3 315619200.0000000000",
      "snapshot/empty//d 755 315619200.0000000000",
      "snapshot/link//l ../x",
      "snapshot//d 755 315619200.0000000000",
    ].sort(),
  );
});

test("git's index at the top is one second younger, and no other file", () => {
  const all = expectedListing([entry(".git/index", "file"), entry("sub/.git/index", "file")], () => "");
  assert.ok(all.includes("snapshot/.git/index//f 644 3 315619201.0000000000"));
  assert.ok(all.includes("snapshot/sub/.git/index//f 644 3 315619200.0000000000"));
});

const parts = (entries: readonly ManifestEntry[]) =>
  Buffer.concat([...listingParts(entries, () => "../x")]).toString("latin1");

test("in parts it is the same bytes, wherever a name sorts before the slash that ends another", () => {
  const names = [
    ...[
      "a",
      "a ",
      "a/b",
      "a/.b",
      "a/-",
      "a-",
      "a-/b",
      "a!",
      "a!/.b",
      "a.",
      "a./c",
      "a0",
      "b/a/c",
      "b/a!c",
      "b-a/c",
    ],
    ...["\x01", "a\x01/b", "a/\x01", "\xff/a", "x/y/z", "x/y.z", "x/y-/z"],
  ];
  const tree = fc.uniqueArray(fc.constantFrom(...names), { minLength: 0 });
  void fc.assert(
    fc.property(tree, (chosen) => {
      const files = chosen.filter((name) => !chosen.some((other) => other.startsWith(`${name}/`)));
      const entries = files.map((name) => entry(name, "file")).sort(byPath);
      const whole = listingBytes(expectedListing(entries, () => "../x"));
      assert.is(parts(entries), whole.toString("latin1"));
    }),
    { numRuns: 500 },
  );
});

test("in parts it is the same bytes for a tree of many parts, with links and empty directories", () => {
  const many = Array.from({ length: 5000 }, (_, at) =>
    entry(`d${at % 70}/e.${at % 11}/f-${at}`, "executable", at),
  );
  const entries = [...many, entry("d1.x/l", "symlink"), entry("d1/e", "directory", 0)].sort(byPath);
  assert.is(parts(entries), listingBytes(expectedListing(entries, () => "../x")).toString("latin1"));
});

test("is read back byte for byte", () => {
  const odd = ["snapshot/new\nline\xff//l \xfe//", ...listing];
  assert.equal(parseListing(listingBytes(odd)), odd);
  assert.equal(parseRecord(odd[0] ?? ""), { path: "snapshot/new\nline\xff", directory: false });
  assert.equal(parseRecord("snapshot/a//d 700 9"), { path: "snapshot/a", directory: true });
});

const without = (part: string) => listing.filter((text) => !text.includes(part));

for (const [found, said] of [
  [listing, null],
  [without("a/b"), '"snapshot/a/b" is missing'],
  [[...listing, "snapshot/zz\x07//f 644 1 1.0"], '"snapshot/zz\\x07" should not be there'],
  [
    listing.map((text) => text.replace("b//f 644", "b//f 600")),
    '"snapshot/a/b" is `f 600 3 315619200.0000000000` instead of `f 644 3 315619200.0000000000`',
  ],
  [listing.map((text) => text.replace("../x", "/x")), '"snapshot/link" is `l /x` instead of `l ../x`'],
  [[], '"snapshot" is missing'],
] as const)
  test(`says: ${said ?? "nothing"}`, () => assert.is(listingDifference(listing, found), said));

test.run();
