import { suite } from "uvu";
import * as assert from "uvu/assert";
import { afterSgr, PLAIN } from "../../../src/report/html/sgr.ts";

const test = suite("SGR");

/** Sequences, one after another, and the classes that text has after them. */
const table: readonly (readonly [string, readonly string[], string])[] = [
  ["a colour, with the empty id of a colour space", ["38:2::255:0:0"], "f9"],
  ["a colour, with an id", ["38:2:1:255:0:0"], "f9"],
  ["a colour, with tolerance and its space", ["38:2::0:255:0::4:1"], "f10"],
  ["a colour without an id", ["38:2:255:0:0"], "f9"],
  ["a colour with semicolons", ["38;2;255;0;0"], "f9"],
  ["black is a colour, also where zeros are left out", ["31", "38:2::::"], "f0"],
  ["an index", ["38:5:46"], "f10"],
  ["an index with semicolons", ["38;5;46"], "f10"],
  ["a background", ["48:2::0:0:255"], "k12"],
  ["what follows a colour counts", ["38:2::255:0:0;1;48:5:4;3"], "f9 k4 tb ti"],
  ["what follows a colour with semicolons counts", ["38;2;255;0;0;1;48;5;4;3"], "f9 k4 tb ti"],
  ["too few parts", ["31", "38:2:1:2"], "f1"],
  ["no part", ["31", "38:2", "38:5", "38:"], "f1"],
  ["parts that are no byte", ["31", "38:2::300:0:0", "38;2;0;0;256", "38:5:256", "38;5;999"], "f1"],
  ["the default, CMY and CMYK", ["31", "38:0", "38:3::0:0:0", "38:4::0:0:0:0", "38:1"], "f1"],
  ["the underline's colour is passed over", ["58:2::1:2:3"], ""],
  ["the underline's colour with semicolons", ["58;2;1;2;3;1"], "tb"],
  ["the underline's colour by index", ["4;58:5:9;3", "58;5;9", "59"], "tu ti"],
  ["no underline", ["4", "4:0"], ""],
  ["no underline says nothing of the rest", ["1;4;31", "4:0"], "f1 tb"],
  ["single", ["4:1"], "tu"],
  ["double", ["4:2"], "tu tu2"],
  ["double, as ECMA-48 has it", ["21"], "tu tu2"],
  ["curly", ["4:3"], "tu tu3"],
  ["curly is not italic", ["4:3;3"], "tu tu3 ti"],
  ["dotted", ["4:4"], "tu tu4"],
  ["dashed", ["4:5"], "tu tu5"],
  ["one style after another", ["4:3", "4:5"], "tu tu5"],
  ["a plain underline after another", ["4:3", "4"], "tu"],
  ["24 ends any underline", ["4:3", "24"], ""],
  ["an unknown style", ["4", "4:9"], "tu"],
  ["parts of what has none", ["1", "0:1", "31:2", ":"], "tb"],
  ["0, empty, and empty between", ["1;31", "0"], ""],
  ["empty is 0", ["1;31", ""], ""],
  ["empty between", ["1;;3"], "ti"],
];
for (const [name, sequences, classes] of table)
  test(name, () => {
    const { foreground, background, flags } = sequences.reduce(afterSgr, PLAIN);
    const shown = [
      foreground === null ? [] : [`f${foreground}`],
      background === null ? [] : [`k${background}`],
    ];
    assert.is([...shown.flat(), ...[...flags].map((flag) => `t${flag}`)].join(" "), classes);
  });

test("a megabyte of parameters costs no more than its length", () => {
  const { foreground } = afterSgr(PLAIN, Array(150_000).fill("38;5;1").join(";"));
  assert.is(foreground, "1");
});

test.run();
