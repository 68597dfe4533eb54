import { test } from "uvu";
import * as assert from "uvu/assert";
import { tellsMore } from "../../../src/remote/ssh/config.ts";

const table: readonly (readonly [what: string, answer: string, other: string, more: boolean])[] = [
  ["the name alone", "host no\nhostname no\nbatchmode no", "host x-y\nhostname x-y\nbatchmode no", false],
  ["a name within a value", "controlpath ~/no.sock", "controlpath ~/x-y.sock", false],
  ["another HostName", "hostname 192.0.2.1", "hostname x-y", true],
  ["another user", "hostname no\nuser ci", "hostname x-y\nuser me", true],
  ["a line more", "hostname no\nproxyjump gate", "hostname x-y", true],
  [
    "a value that happens to be the name",
    "hostname no\ncompression no",
    "hostname x-y\ncompression yes",
    true,
  ],
];
for (const [what, answer, other, more] of table)
  test(what, () => assert.is(tellsMore(answer, "no", other, "x-y"), more));

test.run();
