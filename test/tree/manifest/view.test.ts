import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { toPath } from "../../../src/core/byte-path.ts";
import { encodeManifest, type ManifestEntry, manifestTotals } from "../../../src/tree/manifest/manifest.ts";
import { ManifestView } from "../../../src/tree/manifest/view.ts";

const entry = fc.record(
  {
    path: fc
      .string({ minLength: 1, maxLength: 9, unit: fc.constantFrom("a", "b", "/", "\xff", "-") })
      .map(toPath),
    type: fc.constantFrom("file" as const, "executable" as const, "symlink" as const),
    size: fc.oneof(fc.nat(9), fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7)),
    digest: fc.constantFrom("a", "5", "f").map((digit) => digit.repeat(64)),
  },
  { noNullPrototype: true },
);
const entries = fc.uniqueArray(entry, { selector: ({ path }) => path, maxLength: 40 });

const sorted = (list: readonly ManifestEntry[]) => [...list].sort((a, b) => (a.path < b.path ? -1 : 1));

test("every entry is found, none other; totals are those of the entries", () => {
  fc.assert(
    fc.property(entries, entry, (list, other) => {
      const view = new ManifestView(encodeManifest(list));
      assert.is(view.count, list.length);
      sorted(list).forEach((one, index) => {
        assert.is(view.find(one.path), index);
        assert.equal(view.entry(index), one);
      });
      if (!list.some(({ path }) => path === other.path)) assert.is(view.find(other.path), -1);
      const byteCount = list.reduce((sum, { size }) => sum + size, 0);
      assert.equal(manifestTotals(view.bytes), { fileCount: list.length, byteCount });
    }),
  );
});

test("an entry that is replaced in the bytes: as if the manifest had been written with it", () => {
  fc.assert(
    fc.property(entries, entry, fc.nat(), (list, other, nth) => {
      if (list.length === 0) return;
      const at = nth % list.length;
      const changed = sorted(list).map((one, index) => (index === at ? { ...other, path: one.path } : one));
      const view = new ManifestView(encodeManifest(list));
      view.replace(at, changed[at] ?? other);
      assert.ok(view.bytes.equals(encodeManifest(changed)));
    }),
  );
});

test.run();
