import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseArgs } from "../../src/commands/parse.ts";
import type { CommandSpec } from "../../src/commands/spec.ts";
import { COMMANDS, GROUPS } from "../../src/commands/table.ts";
import { flagsOf, writtenCommand } from "../../src/commands/written.ts";

const commands: readonly (readonly [string, CommandSpec])[] = Object.entries(COMMANDS);

/** The words of a command line as a shell would split them, up to a pipe. */
function shellWords(line: string): string[] {
  const [command = ""] = line.split(" | ");
  return [...command.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

test("every command is in one group, in the same order", () => {
  const grouped = GROUPS.flatMap(([, group]) => Object.keys(group));
  assert.equal(grouped, Object.keys(COMMANDS));
});

for (const [name, spec] of commands) {
  const command = writtenCommand(name, spec);

  test(`${name}: has examples, and its words can be read`, async () => {
    assert.ok(spec.examples.length > 0);
    for (const [line] of spec.examples) {
      const [program, first, ...words] = shellWords(line);
      assert.equal([program, first], ["pikaci", name]);
      await parseArgs(spec, name, words);
    }
  });

  test(`${name}: no two options are written alike`, () => {
    const flags = command.options.flatMap(flagsOf);
    assert.equal([...new Set(flags)], flags);
  });

  test(`${name}: what excludes each other is there`, () => {
    for (const option of (spec.conflicts ?? []).flat())
      assert.ok(Object.hasOwn(spec.options, option), option);
  });

  test(`${name}: descriptions are one line, and no sentence`, () => {
    const all = [spec, ...command.options, ...command.positionals];
    for (const { describe } of all) assert.match(describe, /^[A-Z][^\n]*[^.\s]$/);
  });
}

test.run();
