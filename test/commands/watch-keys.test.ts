import { test } from "uvu";
import * as assert from "uvu/assert";
import { keysOf } from "../../src/commands/watch-keys.ts";

for (const [what, text, keys] of [
  ["each key", "rflq", ["all", "failed", "log", "leave"]],
  ["Ctrl-C and Ctrl-D", "\x03\x04", ["interrupt", "leave"]],
  ["others", "xR\r\n ä", []],
  ["an arrow, then q", "\x1b[Aq", ["leave"]],
  ["F2 and F12", "\x1bOQ\x1b[24~", []],
  ["a click of the mouse", "\x1b[<0;12;30M", []],
  ["Alt and a key", "\x1br", []],
  ["an escape alone", "\x1b", []],
] as const)
  test(what, () => assert.equal(keysOf(Buffer.from(text)), keys));

test.run();
