import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commandHelp } from "../../../src/commands/help.ts";
import { COMMANDS, isCommand } from "../../../src/commands/table.ts";
import { openRig, type Rig } from "../../lab/rig.ts";

const test = suite<{ rig: Rig; made: Readonly<Record<string, string>> }>("completion and manual");
test.before(async (context) => {
  context.rig = openRig({});
  const made = await Promise.all(
    ["bash", "zsh", "fish", "man"].map(async (what) => {
      const { code, stdout, stderr } = await context.rig.pikaci("completion", what);
      assert.equal([code, stderr], [0, ""]);
      return [what, stdout] as const;
    }),
  );
  context.made = Object.fromEntries(made);
  mkdirSync(join(context.rig.dir, ".pikaci/runs/20260101T000000Z-0123abcd"), { recursive: true });
});
test.after(({ rig }) => rig.remove());

/** Flags that a help text explains, each as it is first written. */
function flagsIn(help: string): string[] {
  return [...help.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag = ""]) => flag);
}

test("every option of every --help is in all of them", ({ made }) => {
  for (const name of Object.keys(COMMANDS).filter(isCommand)) {
    const title = `pikaci ${name.replaceAll("-", "\\-")}`;
    const sections = (made.man ?? "").split(".SS ");
    const manual =
      sections.find((part) => part.startsWith(title) && /^[ \n]/.test(part.slice(title.length))) ?? "";
    const flags = flagsIn(commandHelp(name, 100));
    assert.ok(flags.includes("--help"), name);
    for (const flag of flags) {
      assert.ok(manual.includes(flag.replaceAll("-", "\\-")), `man: ${name} ${flag}`);
      const words = new RegExp(`${name}:\\*:-\\*\\) words='[^']*${flag}[ ']`);
      assert.match(made.bash ?? "", words, `bash: ${name} ${flag}`);
      assert.match(made.zsh ?? "", new RegExp(`\\n    ${name}\\) .*${flag}\\[`), `zsh: ${name} ${flag}`);
      const fish = new RegExp(`from ${name}'.* -l ${flag.slice(2)} `);
      assert.match(made.fish ?? "", fish, `fish: ${name} ${flag}`);
    }
  }
});

/** What bash offers for a line; the last word is the one that is completed. */
function offered({ dir }: Rig, script: string, ...words: string[]): string[] {
  const file = join(dir, "completion.bash");
  writeFileSync(file, script);
  const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pikaci; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync("bash", ["-c", program, "bash", file, ...words], { cwd: dir, encoding: "utf8" });
  return text.split("\n").filter((line) => line !== "");
}

const table: readonly (readonly [readonly string[], readonly string[]])[] = [
  [["pikaci", "sna"], ["snapshot"]],
  [["pikaci", "run", "--jun"], ["--junit"]],
  [["pikaci", "logs", "--kind", "g"], ["guest"]],
  [["pikaci", "logs", "--fol"], ["--follow"]],
  [
    ["pikaci", "status", ""],
    ["latest", "20260101T000000Z-0123abcd"],
  ],
  [["pikaci", "status", "2026"], ["20260101T000000Z-0123abcd"]],
  [["pikaci", "completion", "f"], ["fish"]],
  [["pikaci", "run", "--no-c"], ["--no-cache"]],
  [
    ["pikaci", "shell", "unit", "--run", ""],
    ["latest", "20260101T000000Z-0123abcd"],
  ],
  [["pikaci", "run", "--events", "x"], []],
];
for (const [words, expected] of table)
  test(`bash: ${words.join(" ")}`, ({ rig, made }) => {
    assert.equal(offered(rig, made.bash ?? "", ...words), expected);
  });

test("an unknown shell: exit 2", async ({ rig }) => {
  const { code, stderr } = await rig.pikaci("completion", "csh");
  assert.is(code, 2);
  assert.match(stderr, "pikaci completion --help");
});

test.run();
