import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type CopyScheme, copyScheme } from "../../src/remote/copy-scheme.ts";

const test = suite("copy scheme");

/** Client, host. The pairs of 2.8, 2.26 and 2.34 were measured in the lab. */
const table: readonly (readonly [string, string, CopyScheme])[] = [
  ["2.8.0", "2.26.3", "ssh-ng"],
  ["2.8.0", "2.34.8", "ssh-ng"],
  ["2.26.3", "2.26.3", "ssh-ng"],
  ["2.26.3", "2.34.8", "ssh-ng"],
  ["2.34.8", "2.26.3", "ssh-ng"],
  ["2.34.8", "2.34.8", "ssh-ng"],
  ["2.34.8", "2.8.0", "ssh"],
  ["2.34.8", "2.13.6", "ssh"],
  ["2.34.8", "2.14.0pre20230228_0", "ssh-ng"],
  ["2.7.0", "2.34.8", "ssh"],
  ["2.34.8", "3.0", "ssh-ng"],
  ["", "2.34.8", "ssh"],
  ["2.34.8", "", "ssh"],
];
for (const [client, host, expected] of table)
  test(`${client || "unknown"} to ${host || "unknown"}: ${expected}`, () => {
    assert.is(copyScheme(client, host), expected);
  });

test.run();
