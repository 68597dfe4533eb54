// needs: lab
// time-limit: 150
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Lab, openLab } from "../lab/lab.ts";
import { removeWorkspaces } from "../workspace.ts";
import { runCase } from "./case.ts";
import { allowedEndings, type Case } from "./grid.ts";
import { openSite, type Site } from "./site.ts";
import { casesOf, lineOf, tableOf } from "./table.ts";

const test = suite("a publication that is hurt; all cases: npm run test:faults");

/** One of each mode, each with another fault; the rest is in `npm run test:faults`. */
const CASES: readonly Case[] = [
  { mode: "delta", step: "half-sent", fault: "kill-client" },
  { mode: "fetch", step: "before-commit", fault: "stop-client" },
  { mode: "cold", step: "lock-wait", fault: "full-disk" },
  { mode: "repair", step: "check", fault: "kill-client" },
];
let lab: Lab;
let site: Site;

test.before(async () => {
  lab = await openLab(["multi"]);
  site = await openSite(lab.multi, lab.sshOptions);
});
test.after(async () => {
  site?.close();
  removeWorkspaces();
  await lab?.stop();
});

for (const one of CASES) {
  test(`${one.mode}, ${one.step}: ${one.fault}`, async () => {
    const result = await runCase(site, one);
    assert.equal(result.problems, [], lineOf(result));
  });
}

test("a case that goes wrong is told in its line and in the table", () => {
  const one: Case = { mode: "cold", step: "staged", fault: "cut" };
  const result = { ...one, outcome: "dead; next uploaded 1 %; reader", problems: ["held: x"], seconds: 1 };
  assert.match(lineOf(result), /^BAD .*\n +held: x$/);
  assert.match(tableOf([result]), "BAD dead, uploaded 1 %");
});

test("cases that are left out have a reason, and every case that is run has an ending", () => {
  const { run, without } = casesOf(["cold", "delta", "fetch", "repair"]);
  assert.is(run.length, 42 + 30 + 30 + 6);
  assert.is(without.length, 3 + 4 + 7);
  assert.ok(run.every((one) => allowedEndings(one).length > 0));
});

test.run();
