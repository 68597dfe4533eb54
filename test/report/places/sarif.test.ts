import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseJobName } from "../../../src/core/ids.ts";
import { storedJobSchema } from "../../../src/core/job.ts";
import { sarifSchema } from "../../../src/core/sarif.ts";
import { NamedFiles } from "../../../src/report/places/named-files.ts";
import { sarifPlaces } from "../../../src/report/places/sarif.ts";
import { readSarifFiles } from "../../../src/report/places/sarif-files.ts";
import { jobFile, runFile } from "../../../src/runs/layout.ts";
import { makeDirectory, removeWorkspaces } from "../../workspace.ts";
import { FILES, RECORDED_SARIF } from "./recorded.ts";

const test = suite("SARIF");
test.after(removeWorkspaces);

const files = new Set(["a.c", "sub/a.c", "b c.c", "x/y/z.c"]);

/** A document of one run; `more` are members of the run beside its results. */
function documentOf(results: readonly object[], more: object = {}): unknown {
  return { version: "2.1.0", runs: [{ tool: { driver: { name: "t" } }, results, ...more }] };
}

function shown(document: unknown, list: ReadonlySet<string> | null = files, cwd = "/workspace"): string[] {
  const places = sarifPlaces(sarifSchema.parse(document), new NamedFiles(() => list), cwd);
  return places.map(({ level, file, line, message }) => `${level} ${file}:${line} ${message}`.trim());
}

function at(artifactLocation: object, startLine: number | null = 3) {
  const region = startLine === null ? {} : { region: { startLine } };
  return { message: { text: "m" }, locations: [{ physicalLocation: { artifactLocation, ...region } }] };
}

for (const { log, places } of RECORDED_SARIF)
  test(`recorded: ${log}`, () => {
    const document = JSON.parse(readFileSync(join(import.meta.dirname, "logs", log), "utf8"));
    assert.equal(shown(document, new Set(FILES), "/workspace/npm"), places);
  });

const bases = {
  "%SRCROOT%": { uri: "file:///workspace/" },
  SUB: { uri: "sub", uriBaseId: "%SRCROOT%" },
  OUT: { uri: "file:///usr/lib/" },
  LOOP: { uri: "x/", uriBaseId: "LOOP" },
};
const locations: readonly (readonly [string, object, string | null])[] = [
  ["relative to the job's directory", { uri: "a.c" }, "sub/a.c"],
  ["an absolute path", { uri: "/workspace/a.c" }, "a.c"],
  ["a file URI", { uri: "file:///workspace/a.c" }, "a.c"],
  ["a file URI with one slash", { uri: "file:/workspace/a.c" }, "a.c"],
  ["percent signs", { uri: "file:///workspace/b%20c.c" }, "b c.c"],
  ["percent signs in a relative one", { uri: "../b%20c.c" }, "b c.c"],
  ["a base", { uri: "a.c", uriBaseId: "%SRCROOT%" }, "a.c"],
  ["a base of a base, without its slash", { uri: "a.c", uriBaseId: "SUB" }, "sub/a.c"],
  ["a base that nobody says", { uri: "a.c", uriBaseId: "ROOTPATH" }, "a.c"],
  ["an absolute URI with a base", { uri: "file:///workspace/a.c", uriBaseId: "OUT" }, "a.c"],
  ["a base elsewhere", { uri: "a.c", uriBaseId: "OUT" }, null],
  ["bases in a circle", { uri: "a.c", uriBaseId: "LOOP" }, null],
  ["by its index", { index: 1 }, "x/y/z.c"],
  ["an index that is none", { index: 7 }, null],
  ["another scheme", { uri: "https://example.org/a.c" }, null],
  ["outside", { uri: "file:///etc/a.c" }, null],
  ["above", { uri: "../../a.c" }, null],
  ["not in the snapshot", { uri: "z.h" }, null],
  ["nothing", {}, null],
];
for (const [name, location, file] of locations)
  test(`a location: ${name}`, () => {
    const artifacts = [{}, { location: { uri: "y/z.c" } }];
    const document = documentOf([at(location)], { originalUriBaseIds: bases, artifacts });
    assert.equal(shown(document, files, "/workspace/sub"), file === null ? [] : [`warning ${file}:3 m`]);
  });

const rules = [
  { id: "A", defaultConfiguration: { level: "error" }, messageStrings: { x: { text: "{0} is {1}, {2}" } } },
  { id: "B", defaultConfiguration: { level: "none" } },
];
const results: readonly (readonly [string, object, string | null])[] = [
  ["warning without a word", {}, "warning a.c:3 m"],
  ["error", { level: "error" }, "error a.c:3 m"],
  ["note", { level: "note" }, "notice a.c:3 m"],
  ["none", { level: "none" }, null],
  ["the rule's level", { ruleId: "A" }, "error a.c:3 m (A)"],
  ["the rule's level, by index", { ruleIndex: 0 }, "error a.c:3 m (A)"],
  ["the rule's level: none", { ruleId: "B" }, null],
  ["a level above the rule's", { ruleId: "B", level: "note" }, "notice a.c:3 m (B)"],
  ["a rule that nobody knows", { ruleId: "C" }, "warning a.c:3 m (C)"],
  ["a test that passed", { kind: "pass" }, null],
  ["what a person is to look at", { kind: "review" }, "warning a.c:3 m"],
  ["suppressed", { suppressions: [{ kind: "inSource" }] }, null],
  ["a suppression that was rejected", { suppressions: [{ status: "rejected" }] }, "warning a.c:3 m"],
  ["no suppression", { suppressions: [] }, "warning a.c:3 m"],
  [
    "the rule's words",
    { ruleId: "A", message: { id: "x", arguments: ["a", "b"] } },
    "error a.c:3 a is b, {2} (A)",
  ],
  ["no words", { message: {} }, "warning a.c:3"],
  ["no place", { locations: [] }, null],
  ["a place that is no file", { locations: [{ logicalLocations: [] }] }, null],
  [
    "the first of two places",
    { locations: [...at({ uri: "a.c" }, 1).locations, ...at({ uri: "a.c" }, 2).locations] },
    "warning a.c:1 m",
  ],
  ["a file without a line", at({ uri: "a.c" }, null), "warning a.c:1 m"],
  ["a line that is none", at({ uri: "a.c" }, -5), "warning a.c:1 m"],
  [
    "hostile words",
    { message: { text: "\u001b[31m::error::x\r##[error]y\u202e" } },
    "warning a.c:3 : :error::x\n# #[error]y",
  ],
];
for (const [name, members, place] of results)
  test(`a result: ${name}`, () => {
    const document = documentOf([{ ...at({ uri: "a.c" }), ...members }], {
      tool: { driver: { name: "t", rules } },
    });
    assert.equal(shown(document), place === null ? [] : [place]);
  });

test("a run that never looked, and one that found nothing", () => {
  const tool = { driver: { name: "t" } };
  assert.equal(
    shown({ version: "2.1.0", runs: [{ tool, results: null }, { tool }, { tool, results: [] }] }),
    [],
  );
});

test("without the snapshot's list, no control characters come with a file's name", () => {
  const places = shown(
    documentOf([at({ uri: "a\u001b[31m\u0007.c" }), at({ uri: "a.c%0A::error::x" })]),
    null,
  );
  assert.equal(places, ["warning a.c:3 m"]);
});

const job = parseJobName("lint");

/** A run's directory in which the job left these artifacts. */
function runWith(artifacts: Readonly<Record<string, string>>, secrets: readonly string[] = []): string {
  const directory = makeDirectory();
  const jobDirectory = runFile.job(directory, job);
  mkdirSync(join(jobFile.artifacts(jobDirectory), "deep/er"), { recursive: true });
  for (const [name, content] of Object.entries(artifacts))
    writeFileSync(join(jobFile.artifacts(jobDirectory), name), content);
  const spec = storedJobSchema.parse({
    schema_version: 1,
    name: job,
    description: "",
    command: { kind: "argv", argv: ["true"] },
    prepare: {},
    timeoutMs: 1000,
    env: {},
    cwd: "/workspace",
    user: "user",
    workspace: "read-only",
    network: "none",
    shape: { backend: "sandbox" },
    secrets,
  });
  writeFileSync(jobFile.spec(jobDirectory), JSON.stringify(spec));
  return directory;
}

test("files: those that are SARIF, and why others are none; a symlink is not followed", () => {
  const directory = runWith({
    "a.sarif": JSON.stringify(documentOf([])),
    "deep/er/b.SARIF": JSON.stringify(documentOf([])),
    "c.sarif": "{",
    "d.sarif": JSON.stringify({ version: "2.0.0", runs: [] }),
    "e\u001b[2J.sarif": "[]",
    "f.json": "{",
  });
  const elsewhere = join(makeDirectory(), "g.sarif");
  writeFileSync(elsewhere, "{");
  symlinkSync(elsewhere, join(jobFile.artifacts(runFile.job(directory, job)), "g.sarif"));
  const { documents, complaints } = readSarifFiles(directory, job, {});
  assert.is(documents.length, 2);
  assert.is(complaints.length, 3);
  assert.is(complaints[0], "c.sarif: not JSON; its places are not shown");
  assert.match(complaints[1] ?? "", /^d\.sarif: not SARIF 2\.1\.0: version: /);
  assert.match(complaints[2] ?? "", /^e\.sarif: not SARIF 2\.1\.0: document: /);
});

test("files: a hundred of them; none without artifacts", () => {
  const names = Array.from({ length: 102 }, (_, n) => [`${n}.sarif`, JSON.stringify(documentOf([]))]);
  const { documents, complaints } = readSarifFiles(runWith(Object.fromEntries(names)), job, {});
  assert.equal([documents.length, complaints], [100, ["of 102 SARIF files, the first 100 are read"]]);
  assert.equal(readSarifFiles(makeDirectory(), job, {}), { documents: [], complaints: [] });
});

test("files: they are read as long as they are not too large together", () => {
  const padding = " ".repeat(12 * 1024 * 1024);
  const text = JSON.stringify(documentOf([])) + padding;
  const directory = runWith({ "a.sarif": text, "b.sarif": text, "c.sarif": text, "d.sarif": "{}" });
  const { documents, complaints } = readSarifFiles(directory, job, {});
  assert.is(documents.length, 2);
  assert.match(complaints[0] ?? "", /^c\.sarif: .* larger than 32\.0 MB with the files before it/);
  assert.match(complaints[1] ?? "", /^d\.sarif: not SARIF/);
});

test("files: secrets are masked", () => {
  const result = { ...at({ uri: "a.c" }), message: { text: 'the password is "hunter-two"' } };
  const directory = runWith({ "a.sarif": JSON.stringify(documentOf([result])) }, ["PASSWORD"]);
  const { documents } = readSarifFiles(directory, job, { PASSWORD: '"hunter-two"' });
  assert.is(documents[0]?.runs[0]?.results?.[0]?.message.text, "the password is ***");
});

test.run();
