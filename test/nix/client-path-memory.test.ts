import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseContentHash, parseHostUrl } from "../../src/core/ids.ts";
import { rememberSent, sentBefore, sentFrom } from "../../src/nix/client-path-memory.ts";
import { makeMemory, removeWorkspaces } from "../workspace.ts";

const test = suite("what hosts were sent of a client path");
test.after(removeWorkspaces);

const url = parseHostUrl("ssh://builder");
const hash = (digit: string) => parseContentHash(digit.repeat(64));

test("two work dirs of one address have snapshots of their own", () => {
  const context = { memory: makeMemory() };
  const places = [null, "/a", "/b"].map((workDir) => sentFrom({ url, workDir }, "/w/node_modules"));
  for (const [number, place] of places.entries()) rememberSent(place, hash(String(number)), context);
  assert.equal(
    places.map((place) => sentBefore(place, context)),
    [[hash("0")], [hash("1")], [hash("2")]],
  );
});

test("the default work dir is named as older pikacis name it", () => {
  assert.is(sentFrom({ url, workDir: null }, "/w/a"), "ssh://builder /w/a");
});

test.run();
