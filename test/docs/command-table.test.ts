import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commandReference, commandTable, withTable } from "../../scripts/docs/commands.ts";
import { COMMANDS } from "../../src/commands/table.ts";
import { flagsOf, writtenCommand } from "../../src/commands/written.ts";

const test = suite("docs of commands");
const page = (name: string) => readFileSync(join(import.meta.dirname, "../..", name), "utf8");

test("docs/commands.md is what the table of commands gives (else: npx tsx scripts/docs.ts)", () => {
  assert.is(page("docs/commands.md"), commandReference());
});

test("README's table is what the table of commands gives (else: npx tsx scripts/docs.ts)", () => {
  const readme = page("README.md");
  assert.is(readme, withTable(readme, commandTable()));
});

test("every command and every option is in docs/commands.md", () => {
  const text = commandReference();
  for (const [name, spec] of Object.entries(COMMANDS)) {
    const { usage, options } = writtenCommand(name, spec);
    assert.match(text, `### pikaci ${usage}\n`);
    for (const flag of options.flatMap(flagsOf)) assert.match(text, flag, `${name} ${flag}`);
  }
});

test("a table that is not there is no success", () => {
  assert.throws(() => withTable("# Page\n\ntext\n", "| a |\n| --- |"), /no table begins with/);
  assert.is(
    withTable("x\n\n| a |\n| --- |\n| old |\n\ny", "| a |\n| --- |\n| new |"),
    "x\n\n| a |\n| --- |\n| new |\n\ny",
  );
});

test.run();
