import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseArchive } from "../../src/nix/flake-archive.ts";

const test = suite("flake archive");
const store = (letter: string) => `/nix/store/${letter.repeat(32)}-source`;
const [a, b, c] = [store("a"), store("b"), store("c")];

const table: readonly (readonly [string, unknown, readonly string[]])[] = [
  ["no inputs", { path: a, inputs: {} }, [a]],
  [
    "nested, and one twice",
    { path: a, inputs: { x: { path: b, inputs: { y: { path: c, inputs: {} } } }, z: { path: c } } },
    [a, b, c],
  ],
  ["an input inside its parent", { path: a, inputs: { x: { path: `${a}/sub`, inputs: {} } } }, [a]],
  ["an input without a path", { path: a, inputs: { x: { path: null, inputs: { y: { path: b } } } } }, [a, b]],
];
for (const [name, value, expected] of table) test(name, () => assert.equal(parseArchive(value), expected));

test("what is no archive is refused", () => {
  assert.throws(() => parseArchive([]));
  assert.throws(() => parseArchive({ path: "/etc/passwd" }));
});

test.run();
