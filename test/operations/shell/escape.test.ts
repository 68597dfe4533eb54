import { suite } from "uvu";
import * as assert from "uvu/assert";
import { TerminalEscape } from "../../../src/operations/shell/escape.ts";

const test = suite("the way out of a terminal");

/** Pieces as they are typed, what the guest gets, and whether it was left. */
const cases: readonly (readonly [string, readonly string[], string, boolean])[] = [
  ["plain words", ["ls -l\r"], "ls -l\r", false],
  ["at the very start", ["~."], "", true],
  ["after Enter", ["ls\r~."], "ls\r", true],
  ["key by key", ["x", "\r", "~", "."], "x\r", true],
  ["in the middle of a line", ["a~."], "a~.", false],
  ["a home directory", ["cd ~/x\r"], "cd ~/x\r", false],
  ["a home directory at the start", ["~/x\r"], "~/x\r", false],
  ["two tildes are one", ["~~.\r"], "~.\r", false],
  ["a tilde alone waits", ["~"], "", false],
  ["a tilde, Enter, and then", ["~\r~."], "~\r", true],
  ["bytes that are no text", ["\xff\x00\x03"], "\xff\x00\x03", false],
];

for (const [what, pieces, forwarded, left] of cases)
  test(what, () => {
    const keys = new TerminalEscape();
    const taken = pieces.map((piece) => keys.take(Buffer.from(piece, "latin1")));
    assert.is(Buffer.concat(taken.map(({ forward }) => forward)).toString("latin1"), forwarded);
    assert.is(
      taken.some(({ leave }) => leave),
      left,
    );
  });

test.run();
