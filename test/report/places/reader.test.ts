import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NamedFiles } from "../../../src/report/places/named-files.ts";
import type { Place } from "../../../src/report/places/place.ts";
import { PlaceReader } from "../../../src/report/places/reader.ts";

const test = suite("places in logs");

function placesIn(
  lines: readonly string[],
  files: readonly string[] | null = null,
  cwd = "/workspace",
): Place[] {
  const list = files === null ? null : new Set(files);
  const reader = new PlaceReader(cwd, new NamedFiles(() => list));
  return [...lines.flatMap((line) => reader.push(line)), ...reader.end()];
}

function shown(places: readonly Place[]): string[] {
  return places.map(({ level, file, line, message }) => `${level} ${file}:${line} ${message}`.trim());
}

const table: readonly (readonly [string, string | null])[] = [
  ["src/a.ts(12,5): error TS2322: no", "error src/a.ts:12 error TS2322: no"],
  ["src/a.cs(12,5): warning CS0168: no", "warning src/a.cs:12 warning CS0168: no"],
  ["src\\a.cpp(12): error C2065: no", "error src/a.cpp:12 error C2065: no"],
  ["src/a.cpp(12) : fatal error C1083: no", "error src/a.cpp:12 fatal error C1083: no"],
  ["app/(marketing)/[id]/page.ts(1,2): error TS1: no", "error app/(marketing)/[id]/page.ts:1 error TS1: no"],
  ["src/a.ts:12:5 - error TS2322: no", "error src/a.ts:12 error TS2322: no"],
  ["src/a.ts:12:5 - warning: no", "warning src/a.ts:12 warning: no"],
  ["a.c:3:1: error: expected ';'", "error a.c:3 error: expected ';'"],
  ["a.c:3:1: warning: unused", "warning a.c:3 warning: unused"],
  ["a.c:3:1: note: declared here", "notice a.c:3 note: declared here"],
  ["a.py:3: DeprecationWarning: old", "warning a.py:3 DeprecationWarning: old"],
  ["a.c:3: warnings are errors", "error a.c:3 warnings are errors"],
  ["a.c:3: noted", "error a.c:3 noted"],
  ["/workspace/a.c:3:1: fatal error: x.h", "error a.c:3 fatal error: x.h"],
  ["  --> src/main.rs:3:5", "error src/main.rs:3"],
  ["./pkg/a_test.go:12: got 1, want 2", "error pkg/a_test.go:12 got 1, want 2"],
  ["tests/test_a.py:7: AssertionError", "error tests/test_a.py:7 AssertionError"],
  ["    at Object.handler (/workspace/test/a.test.ts:62:10)", "error test/a.test.ts:62"],
  ["    at file:///workspace/test/a.mjs:1:2", "error test/a.mjs:1"],
  ["    at P (/workspace/app/(shop)/page.tsx:1:2)", "error app/(shop)/page.tsx:1"],
  ["error: flake.nix:3:5: error", "error flake.nix:3 error"],
  ["[ERROR] /workspace/src/A.java:[4,30] cannot find symbol", "error src/A.java:4 cannot find symbol"],
  ["plain words", null],
  ["12:30:01 something", null],
  ["127.0.0.1:5432: Connection refused", null],
  ["connect to 127.0.0.1:5432: Connection refused", null],
  ["localhost:80: refused", null],
  ["http://example.org:80: refused", null],
  ["/etc/passwd.x:1: no", null],
  ["../up.c:1: no", null],
  ["/workspace/../etc/x.c:1: no", null],
  ["a.c:0: no line", null],
  ["    at run (/workspace/node_modules/x/y.js:1:2)", null],
  ["a.c:99999999999999999999: too much", null],
];
for (const [line, place] of table)
  test(line, () => assert.equal(shown(placesIn([line])), place === null ? [] : [place]));

const files = [
  "a b.c",
  "web/app/(shop)/page.tsx",
  "web/src/Main.java",
  "127.0.0.1",
  "Makefile",
  "sub/Makefile",
];
const withFiles: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["a name with a blank", ["a b.c:1: error: no"], ["error a b.c:1 error: no"]],
  ["what only looks like a file", ["b.c:1: error: no", "    at f (/workspace/x.js:1:2)"], []],
  ["an address, unless there is such a file", ["127.0.0.1:2: x"], ["error 127.0.0.1:2 x"]],
  ["a file by the end of its path", ["src/Main.java:1: error: no"], ["error web/src/Main.java:1 error: no"]],
  ["a file without an extension", ["Makefile:3: *** no.  Stop."], ["error Makefile:3 *** no.  Stop."]],
  [
    "the directory that make says",
    [
      "make[1]: Entering directory '/workspace/sub'",
      "Makefile:3: *** no.",
      "make[1]: Leaving directory '/workspace/sub'",
      "Makefile:4: *** no.",
    ],
    ["error sub/Makefile:3 *** no.", "error Makefile:4 *** no."],
  ],
  [
    "a trace without a file of ours",
    ["Error: no", "    at f (node:internal/x:1:2)", "    at g (/workspace/y.js:1:2)"],
    [],
  ],
];
for (const [name, lines, places] of withFiles)
  test(name, () => assert.equal(shown(placesIn(lines, files)), places));

const reports: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["rustc's words above", ["warning: unused", "  --> a.rs:3:5"], ["warning a.rs:3 warning: unused"]],
  ["words that are too far above", ["warning: unused", "", "  --> a.rs:3:5"], ["error a.rs:3"]],
  [
    "words that are used up",
    ["error: x", " --> a.rs:1:1", " --> a.rs:2:1"],
    ["error a.rs:1 error: x", "error a.rs:2"],
  ],
  [
    "a trace in a dependency: the first frame of ours",
    [
      "TypeError: no",
      "    at x (/workspace/node_modules/x.js:1:2)",
      "    at y (/workspace/y.js:3:4)",
      "    at z (/workspace/z.js:5:6)",
    ],
    ["error y.js:3 TypeError: no"],
  ],
  [
    "two traces, one after another",
    ["Error: one", "    at y (/workspace/y.js:3:4)", "Error: two", "    at z (/workspace/z.js:5:6)"],
    ["error y.js:3 Error: one", "error z.js:5 Error: two"],
  ],
  ["what lacks its second line", ["thread 'main' panicked at a.rs:1:2:"], []],
  [
    "a traceback of Python that is cut off",
    ["Traceback (most recent call last):", '  File "/workspace/a.py", line 3, in f', "    f()"],
    ["error a.py:3"],
  ],
  [
    "an uncaught error without its frames",
    ["/workspace/a.js:3", "x", "^", "", "hello"],
    ["error a.js:3 hello"],
  ],
  ["a path and a number alone", ["/workspace/a.js:3", "x"], []],
];
for (const [name, lines, places] of reports) test(name, () => assert.equal(shown(placesIn(lines)), places));

const directories: readonly (readonly [string, string, string | null])[] = [
  ["/workspace/packages/a", "src/a.c:1: no", "packages/a/src/a.c"],
  ["/workspace/packages/a", "../b/b.c:1: no", "packages/b/b.c"],
  ["/workspace/packages/a", "/workspace/top.c:1: no", "top.c"],
  ["/workspace/packages/a", "../../../up.c:1: no", null],
  ["/tmp", "a.c:1: no", null],
  ["/tmp", "/workspace/a.c:1: no", "a.c"],
];
for (const [cwd, line, file] of directories)
  test(`in ${cwd}: ${line}`, () => assert.is(placesIn([line], null, cwd)[0]?.file ?? null, file));

test("hostile lines tell nothing, and cost little", () => {
  const lines = [
    "a.b",
    "a.b:",
    " ",
    "at ",
    "    at (",
    "/a",
    "a.",
    "[ERROR] ",
    "x at y ",
    ") (",
    '  File "',
    "_",
  ];
  for (const line of lines) assert.equal(placesIn(Array(200).fill(line.repeat(5000))), []);
});

test("a line that nearly matches, in many ways, is told to be none at once", () => {
  const lines = [
    `a${":1:1 a ".repeat(48)}${"━".repeat(660)}x`,
    `  at ${"a.".repeat(490)}`,
    `${"#".repeat(500)} [${":1".repeat(248)}`,
    `error: ${"a".repeat(980)}\u2028`,
    `a:1: ${"a".repeat(980)}\u2028`,
  ];
  for (const line of lines) assert.equal(placesIn(Array(1000).fill(line)), []);
  for (const [first, second] of [
    ["/a/b.js", `  1:1 error x${" ".repeat(480)}${"y".repeat(480)} `],
    ["panic: x", "(".repeat(990)],
  ])
    assert.equal(placesIn(Array(1000).fill([first, second]).flat()), []);
});

test("a message is cut; a report without an end is given up", () => {
  const [place] = placesIn([
    "CMake Error at CMakeLists.txt:1 (x):",
    ...Array(5000).fill("  words and words"),
  ]);
  assert.is(place?.message.length, 1000);
  const entering = placesIn(Array(5000).fill("make[1]: Entering directory '/workspace/x'"));
  assert.equal(entering, []);
});

test.run();
