import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../scripts/suites/children.ts";
import { openPane, type Pane } from "./tmux.ts";

const test = suite<{ panes: Pane[] }>("live reporter on a terminal");
test.before.each((context) => {
  context.panes = [];
});
test.after.each(({ panes }) => {
  for (const pane of panes) pane.close();
});

/** A screen that is used already: what a terminal wraps on a fresh one, it may push out of reach. */
const command = `seq 20; ${process.execPath} ${childWords("test/report/play.ts").join(" ")}`;
const SPINNER = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;

/** Lines that the terminal wrapped are joined: what was written, whatever the width. */
function joined(screen: string): string {
  return screen.replaceAll("\n", "").replaceAll(" ", "");
}

for (const [columns, rows, later] of [
  [120, 30, null],
  [36, 12, null],
  [20, 5, null],
  [120, 30, 40],
  [40, 20, 120],
] as const) {
  test(`${columns} columns${later === null ? "" : `, then ${later}`}`, async ({ panes }) => {
    const pane = openPane(command, columns, rows);
    panes.push(pane);
    await pane.shows("publish");
    pane.press("Space");
    const running = await pane.shows("✔ publish");
    assert.match(running, SPINNER);
    if (later !== null) {
      pane.press("h");
      await pane.titled("held up");
      pane.resize(later, rows);
    }
    pane.press("Space");
    await pane.shows("✘ failed  lint");
    pane.press("Space");
    await pane.shows("✔ passed  unit");
    pane.press("Space");
    const end = await pane.shows("✘ failed  run");
    assert.not.match(end, SPINNER);
    assert.not.match(end, "jobs done");
    const text = joined(end);
    assert.is(text.split("✔passedunit").length, 2);
    assert.is(text.split("lint│lastwords").length, 2);
    assert.ok(text.includes("lookfurther:pikacilogs20260101T000000Z-0123abcd--joblint"));
    assert.not.ok(text.includes("unit│"), "the log of a job that passed");
  });
}

test.run();
