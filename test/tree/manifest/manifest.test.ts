import { readFileSync } from "node:fs";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toPath } from "../../../src/core/byte-path.ts";
import { MismatchError } from "../../../src/core/errors.ts";
import type { EntryType } from "../../../src/core/snapshot.ts";
import { blake3Hex, contentHashOf } from "../../../src/system/blake3.ts";
import {
  EMPTY_DIGEST,
  encodeManifest,
  type ManifestEntry,
  parseManifest,
} from "../../../src/tree/manifest/manifest.ts";

const test = suite("manifest");

function entry(path: string, content: string, type: EntryType = "file"): ManifestEntry {
  return {
    path: toPath(path),
    type,
    size: content.length,
    digest: blake3Hex(Buffer.from(content, "latin1")),
  };
}

/** Names as they stand in docs/manifest.md. */
const vectors: Record<string, ManifestEntry[]> = {
  "empty tree": [],
  "a file": [entry("a", "hello\n")],
  "the same, executable": [entry("a", "hello\n", "executable")],
  "a symlink": [entry("link", "../target", "symlink")],
  "a newline and a byte that is not UTF-8": [entry("new\nline", ""), entry("non\xffutf8", "x")],
  "an empty directory": [entry("dir", "", "directory")],
  "collision, one side": [entry("ab", "c")],
  "collision, other side": [entry("a", "bc")],
};

for (const [name, entries] of Object.entries(vectors))
  test(`docs/manifest.md has the right hash for: ${name}`, () => {
    const row = readFileSync("docs/manifest.md", "utf8")
      .split("\n")
      .find((line) => line.startsWith(`| ${name} |`));
    assert.ok(row?.includes(contentHashOf(encodeManifest(entries))), `${name}: ${row}`);
  });

test("docs/manifest.md has the right bytes", () => {
  const dump = /```hex\n([^`]*)```/
    .exec(readFileSync("docs/manifest.md", "utf8"))?.[1]
    ?.replace(/\s|#.*/g, "");
  assert.is(dump, encodeManifest([entry("a", "hello\n")]).toString("hex"));
});

test("the digest of a directory is that of nothing", () => {
  assert.is(EMPTY_DIGEST, blake3Hex(Buffer.alloc(0)));
});

const name = fc
  .uint8Array({ minLength: 1, maxLength: 6 })
  .map((bytes) => Buffer.from(bytes).toString("latin1").replace(/[/\0]/g, "_"))
  .filter((text) => text !== "." && text !== "..");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const type = fc.constantFrom<EntryType>("file", "executable", "symlink", "directory");
const anyEntry = fc
  .tuple(path, type, fc.string({ maxLength: 4 }))
  .map(([where, what, text]) =>
    entry(where, what === "directory" ? "" : text.replace(/[^\0-\xff]/g, "?"), what),
  );

/** Without paths below others, as trees are. */
const tree = fc
  .uniqueArray(anyEntry, { selector: (item) => item.path, maxLength: 8 })
  .map((entries) =>
    entries.filter(({ path }) => !entries.some((other) => path.startsWith(`${other.path}/`))),
  );

const canonical = (entries: readonly ManifestEntry[]) =>
  JSON.stringify([...entries].sort((a, b) => (a.path < b.path ? -1 : 1)));

test("parse gives back what was encoded, in byte order", () => {
  fc.assert(
    fc.property(tree, (entries) => {
      assert.is(JSON.stringify(parseManifest(encodeManifest(entries))), canonical(entries));
    }),
  );
});

test("two trees have one manifest only if they are equal", () => {
  fc.assert(
    fc.property(tree, tree, (a, b) => {
      assert.is(encodeManifest(a).equals(encodeManifest(b)), canonical(a) === canonical(b));
    }),
  );
});

test("the order of the entries does not matter, each field does", () => {
  const [a, b] = [entry("a", "1"), entry("b", "2")];
  assert.equal(encodeManifest([a, b]), encodeManifest([b, a]));
  const others: ManifestEntry[] = [
    { ...a, path: toPath("c") },
    { ...a, type: "executable" },
    { ...a, type: "symlink" },
    { ...a, size: 2 },
    { ...a, digest: b.digest },
  ];
  for (const other of others) assert.not.equal(encodeManifest([a]), encodeManifest([other]));
});

test("a text that is no digest is not encoded", () => {
  assert.throws(() => encodeManifest([{ ...entry("a", ""), digest: "zz" }]), /not a digest/);
});

const whole = encodeManifest([entry("a", "1"), entry("b", "2")]);

test("every truncation is rejected", () => {
  for (let length = 0; length < whole.length; length += 1)
    assert.throws(
      () => parseManifest(whole.subarray(0, length)),
      (error: unknown) =>
        error instanceof MismatchError && error.exitCode === 3 && /--repair/.test(error.hint ?? ""),
    );
});

/** Encoded as it stands, without the sorting that would hide the mistake. */
function raw(...entries: ManifestEntry[]): Buffer {
  const head = Buffer.from(encodeManifest([]));
  head.writeBigUInt64BE(BigInt(entries.length), head.length - 8);
  return Buffer.concat([head, ...entries.map((one) => encodeManifest([one]).subarray(head.length))]);
}

const bad: Record<string, [Buffer, RegExp]> = {
  "another version": [Buffer.from(whole.toString("latin1").replace("/1\n", "/2\n"), "latin1"), /version 1/],
  "trailing bytes": [Buffer.concat([whole, Buffer.from("x")]), /1 bytes follow/],
  "wrong order": [raw(entry("b", ""), entry("a", "")), /"a" is out of order/],
  "a path twice": [raw(entry("a", ""), entry("a", "x")), /"a" stands there twice/],
  "an absolute path": [raw(entry("/etc/passwd", "")), /unsafe path "\/etc\/passwd"/],
  "an empty path": [raw(entry("", "")), /unsafe path ""/],
  "a parent component": [raw(entry("a/../../b", "")), /unsafe path/],
  "a dot component": [raw(entry("./a", "")), /unsafe path/],
  "a trailing slash": [raw(entry("a/", "")), /unsafe path/],
  "a NUL": [raw(entry("a\0b", "")), /unsafe path "a\\x00b"/],
  "a directory with a size": [raw({ ...entry("d", "", "directory"), size: 1 }), /"d" has content/],
  "a file below a file": [raw(entry("a", ""), entry("a-b", ""), entry("a/b", "")), /"a\/b" lies below/],
  "more entries than it says": [raw(entry("a", "")).fill(0, 18, 26), /bytes follow/],
  "fewer entries than it says": [raw(entry("a", "")).fill(255, 18, 26), /cut off/],
  "an unknown type": [Buffer.from(raw(entry("a", "")).fill(0x7a, 26, 27)), /unknown type byte 122/],
  "a size beyond 2^53": [Buffer.from(raw(entry("a", "")).fill(255, 27, 35)), /size of "a"/],
};

for (const [what, [bytes, message]] of Object.entries(bad))
  test(`parse rejects ${what}`, () => {
    assert.throws(
      () => parseManifest(bytes),
      (error: unknown) => error instanceof MismatchError && message.test(error.message),
    );
  });

test.run();
