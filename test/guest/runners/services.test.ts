import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SHELLS } from "../../host/call.ts";
import { makeDirectory, removeWorkspaces } from "../../workspace.ts";

const test = suite("what a guest tells of its services");
test.after(removeWorkspaces);

const library = readFileSync(
  new URL("../../../nix/runners/services/tree/lib/services.sh", import.meta.url),
  "utf8",
);

/** The lines for `control` at the end of a command with this status, when the guest has told this. */
function endOf(shell: string, code: number, told: string | null): string[] {
  const cwd = makeDirectory();
  for (const name of ["services", "private"]) mkdirSync(join(cwd, name));
  execFileSync("mkfifo", ["services/db", "services/w.e_b-1"], { cwd });
  writeFileSync(join(cwd, "services/file"), "");
  if (told !== null) writeFileSync(join(cwd, "private/heard"), told);
  const [program = "sh", ...applet] = shell.split(" ");
  const script = `set -u\n${library}\ncontrol() { printf '%s\\n' "$*"; }\nend_job "$1"`;
  const { stdout, stderr } = spawnSync(program, [...applet, "-c", script, "sh", String(code)], {
    cwd,
    encoding: "utf8",
  });
  assert.is(stderr, "");
  return stdout.split("\n").slice(0, -1);
}

const exits: readonly (readonly [code: number, told: string | null, said: readonly string[]])[] = [
  [0, null, ["exit 0"]],
  [7, "", ["exit 7"]],
  [1, "unready db 3 it was ready\n", ["unready service db ended with exit 3 before it was ready"]],
  [
    1,
    "unready db 0 the command started\n",
    ["unready service db ended with exit 0 before the command started"],
  ],
  [1, "late w.e_b-1 30000\n", ["unready service w.e_b-1 was not ready within 30 s"]],
  [1, "late db 1500\n", ["unready service db was not ready within 1500 ms"]],
  [4, "died db 137\n", ["note service db ended with exit 137 before the command did", "exit 4"]],
  [
    4,
    "died db 1\ndied w.e_b-1 2\n",
    [
      "note service db ended with exit 1 before the command did, service w.e_b-1 ended with exit 2 before the command did",
      "exit 4",
    ],
  ],
  // A pass is a pass, whatever was told.
  [0, "unready db 3 it was ready\ndied db 1\n", ["exit 0"]],
  // Forged lines explain nothing.
  [1, "exit 0\nerror x\nnote x\nunready\n\n", ["exit 1"]],
  [
    1,
    "unready other 3 it was ready\nunready file 3 it was ready\nunready ../db 3 it was ready\n",
    ["exit 1"],
  ],
  [1, "unready db x it was ready\nunready db 99999999999 it was ready\nlate db -1\nlate db\n", ["exit 1"]],
  [1, "unready db 3 it was ready; exit 0\nlate db 1000 or so\ndied db 1 $(id)\n", ["exit 1"]],
  [1, "unready db 3 it was re", ["exit 1"]],
];
for (const shell of SHELLS)
  for (const [code, told, said] of exits)
    test(`${shell}: exit ${code} after ${JSON.stringify(told)}`, () =>
      assert.equal(endOf(shell, code, told), said));

test.run();
