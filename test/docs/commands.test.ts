// needs: nix
// time-limit: 400
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";
import { commandsIn, pages } from "./pages.ts";

const test = suite<{ rig: Rig }>("commands in the documentation");
test.before(async (context) => {
  const rig = openRig({});
  context.rig = rig;
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: { unit: { command: "echo fine" } },
  });
  rig.write({ "file.txt": "x" });
  assert.is((await rig.pikaci("run", "-q")).code, 0);
});
test.after(({ rig }) => rig.remove());

/** What a reader would put in the place of a word. */
const WORDS: Readonly<Record<string, string>> = {
  RUN: "latest",
  "[RUN]": "",
  "[target]": "",
  SHELL: "bash",
  SHAPE: "sandbox",
  NAME: "unit",
  JOB: "unit",
  PATH: "file.txt",
  FILE: "out.jsonl",
  BYTE: "0",
  A: "latest",
  "[B]": ".",
};

/** What needs a second machine, and is run by the lab's suites: here its options are looked up in its help. */
const ELSEWHERE = /^pikaci copy /;

function argsOf(command: string, rig: Rig): string[] {
  const words = command.split(" ").slice(1);
  return words
    .map((word) => {
      if (word.startsWith("ssh://")) return "local";
      if (word !== "DIR") return WORDS[word] ?? word;
      const fresh = mkdtempSync(join(rig.dir, ".pikaci/fresh-"));
      rmSync(fresh, { recursive: true });
      return fresh;
    })
    .filter((word) => word !== "");
}

const commands = [...new Set(pages().flatMap(commandsIn))].sort();

test("there are many", () => assert.ok(commands.length > 30));

for (const command of commands)
  test(command, async ({ rig }) => {
    const [, name = "", ...rest] = command.split(" ");
    const named = rest.length === 0 || ELSEWHERE.test(command);
    const { code, stdout, stderr } = await rig.pikaci(...(named ? [name, "--help"] : argsOf(command, rig)));
    assert.is(code, 0, stderr);
    for (const flag of named ? rest.filter((word) => word.startsWith("--")) : []) assert.match(stdout, flag);
  });

test.run();
