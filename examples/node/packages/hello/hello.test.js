import assert from "node:assert/strict";
import { realpathSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { greeting } from "@example/words";

test("a package of the workspace is found by its name", () => {
  assert.equal(greeting("ada"), "hello, ada");
});

test("and it is the one of this tree", () => {
  const found = realpathSync(fileURLToPath(import.meta.resolve("@example/words")));
  assert.equal(found, realpathSync(new URL("../words/words.js", import.meta.url)));
});
