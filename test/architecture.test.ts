import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => join("src", name));
const text = (file: string) => readFileSync(file, "utf8");

/** What a file imports, types included: files of ours, and packages by name. */
function importsOf(file: string): string[] {
  const words = [...text(file).matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, word = ""]) => word);
  return words.map((word) => (word.startsWith(".") ? normalize(join(dirname(file), word)) : word));
}

const graph = new Map(files.map((file) => [file, importsOf(file)]));

/** The first way from a file back to itself; null when there is none. */
function findCycle(): readonly string[] | null {
  const through = new Set<string>();
  const visit = (file: string, way: readonly string[]): readonly string[] | null => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (through.has(file)) return null;
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...way, file]);
      if (cycle !== null) return cycle;
    }
    through.add(file);
    return null;
  };
  return files.map((file) => visit(file, [])).find((cycle) => cycle !== null) ?? null;
}

const below = (...places: string[]) => new RegExp(`^src/(?:${places.join("|")})(?:/|\\.ts$)`);
const STAGES = "snapshot publish prepare render execute".split(" ");
const ABOVE = "cli commands pipeline run attach cancel rerun why index doctor gc inspect".split(" ");

/** Who may not import what. */
const rules: readonly (readonly [name: string, importer: RegExp, banned: RegExp])[] = [
  ["the world's doors know no stage", below("io"), below(...ABOVE, "stages", ...STAGES, "runners", "report")],
  ["a stage knows neither commands nor reports", below("stages"), below(...ABOVE, "report")],
  ["the parts of a stage do not know it", below(...STAGES), below(...ABOVE, "stages", "report")],
  ["runners know no stage", below("runners"), below(...ABOVE, "stages", "publish", "prepare", "report")],
  ["manifests are data", below("manifest"), below(...ABOVE, "stages", ...STAGES, "report")],
  ["leaves are leaves", below("ids", "errors", "paths"), /^src\/(?!ids|errors|paths)/],
];

test("imports have no cycles", () => assert.is(findCycle(), null));

test("imports go one way", () => {
  const wrong = rules.flatMap(([name, importer, banned]) =>
    [...graph]
      .filter(([file]) => importer.test(file))
      .flatMap(([file, imports]) =>
        imports.filter((one) => banned.test(one)).map((one) => `${file} imports ${one}: ${name}`),
      ),
  );
  assert.equal(wrong, []);
});

test("zx has one door, and src/stages is the seven stages", () => {
  assert.equal(
    files.filter((file) => graph.get(file)?.some((one) => /^zx(?:\/|$)/.test(one))),
    ["src/io/exec.ts"],
  );
  const stages = "collect execute hash prepare publish render snapshot".split(" ");
  assert.equal(
    files.filter((file) => file.startsWith("src/stages/")).sort(),
    stages.map((stage) => `src/stages/${stage}.ts`),
  );
});

test("files stay short; model.ts is the vocabulary, in one place", () => {
  const long = files.filter((file) => text(file).split("\n").length > 301);
  assert.equal(long, ["src/model.ts"]);
});

test.run();
