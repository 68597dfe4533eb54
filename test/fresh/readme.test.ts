import { test } from "uvu";
import * as assert from "uvu/assert";
import { readmeCommands } from "./readme.ts";

test("README's two commands are found as they are typed", () => {
  assert.equal(readmeCommands(), { demo: "npm ci && npm run demo", tests: "npm ci && npm test" });
});

test.run();
