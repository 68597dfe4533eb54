// needs: nix

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite<{ rig: Rig }>("report, compare and status --timing");
const workDirOf = (rig: Rig) => join(rig.dir, ".pikaci/work");
test.before.each((context) => {
  context.rig = openRig({});
});
test.after.each(({ rig }) => rig.remove());
test.after(removeWorkspaces);

function configure(rig: Rig, command: string): void {
  rig.configure({
    hosts: { local: { url: "local", workDir: workDirOf(rig) } },
    jobs: { unit: { command }, other: { command: "true" } },
  });
}

test("two runs: the report of the second, and what became of its jobs", async ({ rig }) => {
  configure(rig, "echo '<b>fine'");
  assert.is((await rig.pikaci("run", "-q")).code, 0);
  const first = rig.record().run_id;
  configure(rig, "echo '<script>bad'; echo x > /artifacts/file; exit 3");
  assert.is((await rig.pikaci("run", "-q")).code, 1);
  const second = rig.record().run_id;

  const { code, stdout } = await rig.pikaci("report");
  assert.equal([code, stdout], [0, `.pikaci/runs/${second}/report.html\n`]);
  const page = readFileSync(join(rig.dir, stdout.trim()), "utf8");
  for (const part of [
    "&lt;script&gt;bad",
    "newly failing",
    `Compared with <code>${first}`,
    `href="./jobs/unit/artifacts/file"`,
  ])
    assert.ok(page.includes(part), part);

  const out = await rig.pikaci("report", first, "--out", "out.html");
  assert.equal([out.code, out.stdout], [0, "out.html\n"]);
  assert.match(readFileSync(join(rig.dir, "out.html"), "utf8"), "&lt;b&gt;fine");
  const wrong = await rig.pikaci("report", "--out", "no/such.html");
  assert.is(wrong.code, 2);
  assert.match(wrong.stderr, "--out: cannot write");

  const compared = await rig.pikaci("compare", first, "latest");
  assert.is(compared.code, 0, compared.stderr);
  assert.match(compared.stdout, `newly failing  unit: ✔ passed`);
  assert.match(compared.stdout, "unit: command: ");
  const data = JSON.parse((await rig.pikaci("compare", first, second, "--json")).stdout);
  assert.equal([data.schema_version, data.jobs[0].change], [1, "newly failing"]);

  const latest = await rig.pikaci("compare");
  assert.equal([latest.code, latest.stdout], [0, compared.stdout], latest.stderr);
  const one = await rig.pikaci("compare", first);
  assert.equal([one.code, one.stdout], [0, compared.stdout], one.stderr);

  const { stdout: status } = await rig.pikaci("status", "--timing");
  assert.match(status, /\nsnapshot +·*█+·+ +[\d.]+ m?s\n/);
  assert.match(status, /\nunit +·+░*[█░▒]+·* +[\d.]+ m?s\n/);
  const timing = JSON.parse((await rig.pikaci("status", "--timing", "--json")).stdout).timing;
  assert.equal(timing.jobs.length, 2);
});

test("a run that ended before it began has a report too", async ({ rig }) => {
  configure(rig, "true");
  assert.is((await rig.pikaci("run", "--on", "ssh://nobody@127.0.0.1:1")).code, 3);
  assert.is((await rig.pikaci("report")).code, 0);
  const page = readFileSync(join(rig.dir, ".pikaci/runs", rig.record().run_id, "report.html"), "utf8");
  assert.match(page, "refused the connection");
});

test("--open without a program for it: the file is written, exit 3, and what to do", async ({ rig }) => {
  configure(rig, "true");
  await rig.pikaci("run", "--on", "ssh://nobody@127.0.0.1:1");
  // What lies in `.pikaci` is never read before git was asked.
  const bin = makeDirectory();
  symlinkSync(execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim(), join(bin, "git"));
  const bare = openRig({ PATH: bin });
  const { code, stderr } = await bare.pikaci("report", "--open", "-C", rig.dir);
  bare.remove();
  assert.is(code, 3);
  assert.match(stderr, "the program `xdg-open` is not on this machine's PATH");
  assert.ok(existsSync(join(rig.dir, ".pikaci/runs", rig.record().run_id, "report.html")));
});

test.run();
