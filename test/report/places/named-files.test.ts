import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NamedFiles, type Naming } from "../../../src/report/places/named-files.ts";

const test = suite("files by the names that logs have for them");

const files = new Set([
  "flake.nix",
  "a/src/index.ts",
  "b/src/index.ts",
  "b/src/only.ts",
  "src/x/B.java",
  "top.c",
  "c/top.c",
  "with space.c",
  "node_modules/x/y.js",
]);
const store = "/nix/store/00000000000000000000000000000000-source";

const table: readonly (readonly [string, string, string | null, Naming?])[] = [
  ["/workspace", "top.c", "top.c"],
  ["/workspace", "./top.c", "top.c"],
  ["/workspace/c", "top.c", "c/top.c"],
  ["/workspace/c", "../top.c", "top.c"],
  ["/workspace/c", "/workspace/top.c", "top.c"],
  ["/workspace/c", "file:///workspace/with%20space.c", "with space.c"],
  ["/workspace/c", "file:///workspace/100%.c", null],
  ["/workspace", "a/src/index.ts", "a/src/index.ts"],
  ["/workspace", "a\\src\\index.ts", "a/src/index.ts"],
  ["/workspace/a", "src/index.ts", "a/src/index.ts"],
  ["/workspace", "src/index.ts", null],
  ["/workspace", "src/only.ts", "b/src/only.ts"],
  ["/workspace", "rc/only.ts", null],
  ["/workspace", "../src/only.ts", null],
  ["/tmp/build", "only.ts", "b/src/only.ts"],
  ["/workspace", "x/B.java", "src/x/B.java", "anywhere"],
  ["/workspace", "top.c", null, "anywhere"],
  ["/workspace", "/usr/lib/top.c", null],
  ["/workspace", "/workspace", null],
  ["/workspace", "/workspacetop.c", null],
  ["/workspace", "", null],
  ["/workspace", "node_modules/x/y.js", null],
  ["/workspace", "y.js", null],
  ["/workspace", `${store}/flake.nix`, "flake.nix"],
  ["/workspace", `${store}/../flake.nix`, null],
  ["/workspace", `${store}/other.nix`, null],
];
for (const [cwd, name, file, naming] of table)
  test(`in ${cwd}: ${name}`, () => assert.is(new NamedFiles(() => files).find(name, [cwd], naming), file));

const guesses: readonly (readonly [string, string | null])[] = [
  ["a.c", "in/a.c"],
  ["/workspace/a.c", "a.c"],
  ["(group)/a.tsx", "in/(group)/a.tsx"],
  ["Makefile", null],
  ["127.0.0.1", null],
  ["a b.c", null],
  [`${store}/flake.nix`, null],
];
for (const [name, file] of guesses)
  test(`without the list: ${name}`, () =>
    assert.is(new NamedFiles(() => null).find(name, ["/workspace/in"]), file));

test("many files of one name are told apart as often as a log names one", () => {
  const many = new NamedFiles(
    () => new Set(Array.from({ length: 50_000 }, (_, at) => `p${at}/src/index.js`)),
  );
  const find = (name: string) => many.find(name, ["/workspace"]);
  assert.is(find("p7/src/index.js"), "p7/src/index.js");
  assert.is(find("index.js"), null);
  assert.is(find("7/src/index.js"), null);
  for (let at = 0; at < 100_000; at++) assert.is(find(`${at}/index.js`), null);
});

test("the list is asked for once, and not before a file is named", () => {
  let asked = 0;
  const named = new NamedFiles(() => {
    asked += 1;
    return null;
  });
  assert.is(asked, 0);
  named.find("a.c", ["/workspace"]);
  named.find("b.c", ["/workspace"]);
  assert.is(asked, 1);
});

test.run();
