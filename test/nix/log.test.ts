import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { explainNix } from "../../src/nix/errors.ts";
import { NixLogReader, type NixProgress, nixLogText } from "../../src/nix/log.ts";
import { formatNixProgress } from "../../src/report/nix-progress.ts";

const test = suite("Nix log");
const recorded = (name: string) =>
  readFileSync(join(import.meta.dirname, "../fixtures/nix-log", `${name}.txt`), "utf8").trimEnd();

function read(log: string) {
  const reader = new NixLogReader();
  const said = log.split("\n").flatMap((line) => reader.push(line));
  const builders = said.flatMap((one) =>
    one.kind === "text" && one.builder !== null ? [`${one.builder}> ${one.line}`] : [],
  );
  const progress = said.flatMap((one): NixProgress[] => (one.kind === "progress" ? [one.progress] : []));
  return { said, builders, progress };
}

for (const version of ["2.8", "2.26", "2.34"]) {
  test(`${version}: two builds, each with its lines and its name`, () => {
    const { builders, progress } = read(recorded(`${version}-built`));
    const [hello, , using, done] = builders;
    assert.match(hello ?? "", /^low> low says hello/);
    assert.match(using ?? "", /^high> using \/nix\/store\//);
    assert.is(done, "high> done");
    const under = progress.map(({ building }) => building.join());
    assert.ok(under.includes("low") && under.includes("high"));
    assert.equal(progress.at(-1)?.building, []);
    assert.is(progress.at(-1)?.built, 2);
  });

  test(`${version}: a failure reads as one, with the builder's words`, () => {
    const error = explainNix(nixLogText(recorded(`${version}-failing`)));
    assert.match(error.message, /a Nix build failed: .*failing\.drv/);
    assert.match(error.message, "exit code 3");
    assert.match(error.message, "main.c:3: expected ;");
    assert.not.match(error.message, /\p{Cc}(?<!\n)|@nix/u);
  });

  test(`${version}: a copy from a substituter is counted`, () => {
    const { said, progress } = read(recorded(`${version}-copied`));
    assert.is(progress.at(-1)?.copied, 1);
    const words = said.flatMap((one) => (one.kind === "text" ? [one.line] : []));
    assert.ok(words.some((line) => /^copying path '.*-cached' from 'file:/.test(line)));
  });
}

for (const [version, bytes] of [
  ["2.8", undefined],
  ["2.26", 41943152],
  ["2.34", 41943152],
] as const)
  test(`${version}: what \`nix copy\` sends is counted, bytes where Nix tells them`, () => {
    const { progress } = read(recorded(`${version}-sent`));
    const [first, last] = [progress[0], progress.at(-1)];
    assert.equal([first?.copied, last?.copied, last?.toCopy], [0, 1, 1]);
    assert.equal([last?.copiedBytes, last?.toCopyBytes], [bytes, bytes]);
    assert.ok(progress.length >= 2);
  });

test("bytes are told by the hundredth, not by Nix's every 64 KiB", () => {
  const say = (fields: readonly number[], id: number, type: number) =>
    `@nix ${JSON.stringify({ action: "result", id, type, fields })}`;
  const begin = (id: number, type: number) =>
    `@nix ${JSON.stringify({ action: "start", id, type, level: 3, text: "" })}`;
  const steps = Array.from({ length: 5000 }, (_, at) => say([at + 1, 5000], 2, 105));
  const { progress } = read([begin(1, 103), say([100, 5000], 1, 106), begin(2, 100), ...steps].join("\n"));
  assert.is(progress.length, 101);
  assert.equal([progress.at(-1)?.copiedBytes, progress.at(-1)?.toCopyBytes], [5000, 5000]);
});

test("what is not of the form stays as it is: ssh's words, a cut line, another program's JSON", () => {
  for (const line of [
    "ssh: connect to host x port 22: Connection refused",
    '@nix {"action":"msg","level":0,"m',
    '@nix {"action":"other"}',
    "@nix []",
    "",
  ])
    assert.equal(read(line).said, [{ kind: "text", line, builder: null }]);
});

test("details that Nix keeps to itself are not told", () => {
  const chatty = '@nix {"action":"msg","level":5,"msg":"evaluating file"}';
  assert.equal(read(chatty).said, []);
});

const progressTable: readonly (readonly [Partial<NixProgress>, string])[] = [
  [{}, ""],
  [{ built: 1, toBuild: 3, building: ["gcc", "perl"] }, "1 of 3 built (gcc, perl)"],
  [{ copied: 5, toCopy: 10 }, "5 of 10 copied"],
  [{ copied: 1, toCopy: 2, copiedBytes: 512, toCopyBytes: 1024 }, "1 of 2 copied, 512 B of 1.0 kB"],
  [{ toBuild: 1, building: ["a\x1b[2J"], toCopy: 1 }, "0 of 1 built (a), 0 of 1 copied"],
];
for (const [given, expected] of progressTable)
  test(`progress: ${expected}`, () => {
    const none = { built: 0, toBuild: 0, building: [], copied: 0, toCopy: 0 };
    assert.is(formatNixProgress({ ...none, ...given }), expected);
  });

test.run();
