// needs: nix tmux
// time-limit: 300
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { eventually, openRig, type Rig } from "../lab/rig.ts";
import { openClient, type Pane } from "../report/tmux.ts";

const test = suite<{ rig: Rig; panes: Pane[] }>("pikaci watch on a terminal");
const KEYS = "r run all · f run failed · l log · q leave";

test.before.each((context) => {
  const rig = openRig({
    PIKACI_NO_CACHE: "",
    PAGER: "cat >.pikaci/paged; echo paged; read -r line </dev/tty; echo left",
  });
  context.rig = rig;
  context.panes = [];
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: {
      unit: { command: "cat a; printf '\\033[2Jclear\\n'; ! grep -q bad a", inputs: ["a"] },
      fine: { command: "true", inputs: ["b"] },
    },
  });
  rig.write({ a: "bad\n", b: "1\n", ".gitignore": "/before\n/after\n" });
});
test.after.each(({ rig, panes }) => {
  for (const pane of panes) pane.close();
  rig.remove();
});

function begin({ rig, panes }: { rig: Rig; panes: Pane[] }): Pane {
  const pane = openClient(rig, "watch");
  panes.push(pane);
  return pane;
}

/** How often the screen has had a text, since nothing scrolls out of the history. */
const times = (pane: Pane, text: string) => pane.screen().split(text).length - 1;

async function showsTimes(pane: Pane, text: string, count: number): Promise<void> {
  await eventually(`${count} times on the screen: ${text}`, 90, () =>
    times(pane, text) >= count ? true : null,
  );
}

test("the region has the verdicts and the keys; q leaves with the exit code of the verdicts", async (context) => {
  const pane = begin(context);
  await pane.shows("fine ✔ passed · unit ✘ failed");
  await pane.shows(KEYS);
  context.rig.write({ a: "good\n" });
  await pane.shows("fine ✔ passed · unit ✔ passed");
  assert.is(times(pane, KEYS), 1);
  pane.press("q");
  await pane.shows("code 0");
  const end = await pane.shows("restored");
  assert.is(times(pane, KEYS), 0, end);
});

test("r runs all jobs, f those that did not pass; q after a failure is 1", async (context) => {
  const pane = begin(context);
  await pane.shows("fine ✔ passed · unit ✘ failed");
  pane.press("f");
  await showsTimes(pane, "of default on local: unit", 1);
  await showsTimes(pane, "✘ failed  run", 2);
  pane.press("r");
  await showsTimes(pane, "of default on local: fine, unit", 2);
  await showsTimes(pane, "✘ failed  run", 3);
  // Arrows and other keys mean nothing.
  pane.press("Up");
  pane.press("x");
  pane.press("q");
  await pane.shows("code 1");
  await pane.shows("restored");
});

test("l gives the terminal to a pager with the log that matters, and takes it back", async (context) => {
  const pane = begin(context);
  await pane.shows("fine ✔ passed · unit ✘ failed");
  pane.press("l");
  await pane.shows("paged");
  assert.is(times(pane, KEYS), 0);
  // What happens meanwhile is shown later; Ctrl-C is the pager's.
  context.rig.write({ b: "2\n" });
  pane.press("Enter");
  await pane.shows("left");
  await pane.shows("of default on local: fine");
  await pane.shows(KEYS);
  assert.is(readFileSync(join(context.rig.dir, ".pikaci/paged"), "utf8").includes("\x1b"), false);
  assert.match(readFileSync(join(context.rig.dir, ".pikaci/paged"), "utf8"), /^bad\n/);
  pane.press("q");
  await pane.shows("code 1");
  await pane.shows("restored");
});

for (const [what, end, code] of [
  ["Ctrl-C", (pane: Pane) => pane.press("C-c"), 130],
  ["Ctrl-D", (pane: Pane) => pane.press("C-d"), 1],
] as const)
  test(`${what} leaves with ${code}, and the terminal is as before`, async (context) => {
    const pane = begin(context);
    await pane.shows("fine ✔ passed · unit ✘ failed");
    end(pane);
    await pane.shows(`code ${code}`);
    await pane.shows("restored");
  });

test.run();
