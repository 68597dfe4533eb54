import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { composeProgram } from "../../src/remote/programs.ts";

test("a program whose client falls silent ends in order", async () => {
  const script = composeProgram("hold", { lease_ms: "500" }).toString("utf8");
  const child = spawn("sh", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  const [code] = await once(child, "exit");
  child.stdin.destroy();
  assert.is(code, 0);
});

test.run();
