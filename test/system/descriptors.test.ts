import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const MODULE = resolve(import.meta.dirname, "../../src/system/descriptors.ts");
const PROGRAM = `
  const { closeInherited } = await import(${JSON.stringify(MODULE)});
  const { execFileSync } = await import("node:child_process");
  if (process.argv[1] === "close") closeInherited(process.env);
  process.stdout.write(execFileSync("readlink", ["/proc/self/fd/23"], { stdio: ["ignore", "pipe", "inherit"] }));
`;

/** What a grandchild finds behind a descriptor that bash opens for its child. */
function behind23(how: string): string {
  const script = 'exec 23</etc/passwd; exec "$@"';
  const node = [process.execPath, "--import", "tsx", "--input-type=module", "-e", PROGRAM, how];
  try {
    return execFileSync("bash", ["-c", script, "bash", ...node], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return "nothing";
  }
}

test("a child gets no descriptor that this process was started with", () => {
  assert.is(behind23("leave"), "/etc/passwd");
  assert.is(behind23("close"), "nothing");
});

test.run();
