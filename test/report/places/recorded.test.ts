import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LogPlaces } from "../../../src/report/places/log-places.ts";
import { NamedFiles } from "../../../src/report/places/named-files.ts";
import { LineSanitiser } from "../../../src/report/sanitise.ts";
import { placesPage } from "./page.ts";
import { FILES, RECORDED, RECORDED_SARIF } from "./recorded.ts";

const test = suite("places in recorded logs");
const logs = join(import.meta.dirname, "logs");

function linesOf(log: string): string[] {
  const sanitiser = new LineSanitiser();
  return [...sanitiser.push(readFileSync(join(logs, `${log}.log`))), ...sanitiser.end()];
}

for (const { log, tool, version, cwd = "/workspace", files = FILES, line, places } of RECORDED)
  test(`${tool} ${version}: ${log}`, () => {
    const lines = linesOf(log);
    assert.ok(lines.includes(line), "the page's line is one of the log");
    const found = new LogPlaces(cwd, new NamedFiles(() => new Set(files)));
    found.push(lines);
    assert.equal(
      found.end().map((one) => `${one.level} ${one.file}:${one.line} ${one.message}`),
      places,
    );
  });

test("a snapshot with other files has no places", () => {
  for (const { log } of RECORDED) {
    const found = new LogPlaces("/workspace", new NamedFiles(() => new Set(["other.txt"])));
    found.push(linesOf(log));
    assert.equal(found.end(), [], log);
  }
});

test("each recorded log is in the table", () => {
  const known = [...RECORDED.map(({ log }) => `${log}.log`), ...RECORDED_SARIF.map(({ log }) => log)];
  assert.equal(readdirSync(logs).sort(), known.sort());
});

test("docs/annotations.md is what is shown (else: npx tsx scripts/annotations.ts)", () => {
  assert.is(readFileSync(join(import.meta.dirname, "../../../docs/annotations.md"), "utf8"), placesPage());
});

test.run();
