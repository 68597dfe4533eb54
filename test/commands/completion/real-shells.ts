// The completions in real shells, and the manual through its linter: `npm run test:shells`.
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../../lab/rig.ts";
import { openPane } from "../../report/tmux.ts";

const test = suite<{ rig: Rig }>("real shells");
test.before.each((context) => {
  context.rig = openRig({});
});
test.after.each(({ rig }) => rig.remove());

async function made(rig: Rig, what: string, file: string): Promise<string> {
  const path = join(rig.dir, file);
  writeFileSync(path, (await rig.pikaci("completion", what)).stdout);
  return path;
}

test("fish offers commands, options and values", async ({ rig }) => {
  const file = await made(rig, "fish", "pikaci.fish");
  const offered = (line: string) =>
    execFileSync("fish", ["--no-config", "-c", `source ${file}; complete -C '${line}'`], {
      encoding: "utf8",
    });
  assert.match(offered("pikaci sna"), "snapshot\tHash the workspace");
  assert.match(offered("pikaci run --jun"), "--junit\t");
  assert.match(offered("pikaci logs --kind "), "guest");
});

test("zsh offers commands and options on a terminal", async ({ rig }) => {
  const file = await made(rig, "zsh", "_pikaci");
  execFileSync("zsh", ["-n", file]);
  const pane = openPane(`env PS1='> ' zsh -f`, 100, 30, rig.dir);
  try {
    await pane.shows(">");
    pane.type(`autoload -U compinit; compinit -u; source ${file}; echo rea''dy`);
    pane.press("Enter");
    await pane.shows("\nready");
    pane.type("pikaci snap");
    pane.press("Tab");
    await pane.shows("pikaci snapshot");
    pane.type("--exp");
    pane.press("Tab");
    await pane.shows("pikaci snapshot --explain");
  } finally {
    pane.close();
  }
});

test("the manual has no complaint of mandoc's linter above style, and is read by man", async ({ rig }) => {
  const file = await made(rig, "man", "pikaci.1");
  const { stdout } = spawnSync("mandoc", ["-T", "lint", "-W", "warning", file], { encoding: "utf8" });
  const serious = stdout
    .split("\n")
    .filter((line) => /WARNING|ERROR/.test(line) && !/missing date|TH/.test(line));
  assert.equal(serious, []);
  const text = execFileSync("mandoc", ["-T", "utf8", file], { encoding: "utf8" }).replace(/.[\b]/g, "");
  for (const part of ["pikaci run [TARGET]", "--junit FILE", "EXIT STATUS", "130, 143"])
    assert.ok(text.includes(part), part);
});

test.run();
