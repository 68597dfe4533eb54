// needs: lab
// time-limit: 600
import { lstatSync, mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { run as runHere } from "./command.ts";
import {
  CONTRACT_SECRET,
  configured,
  contractMismatches,
  contractOf,
  rowsNamed,
  writeContractFiles,
} from "./job-contract.ts";
import { type Lab, openLab } from "./lab.ts";
import { jobOf, openRig, type Rig } from "./rig.ts";
import { sightings, type Watched } from "./secret-watch.ts";
import { verifyHost, verifySnapshots } from "./verify.ts";

const jobs = contractOf("sandbox", "quick");
/** An ordinary account has all of it; root a few rows, here and over ssh. */
const FEW = ["pass", "exit-1", "signal", "private", "symlinks", "secret", "daemon", "timeout", "git"];
const rows = { single: rowsNamed(jobs, FEW), multi: jobs, local: rowsNamed(jobs, FEW) };
const test = suite<{ lab: Lab; rig: Rig; home: string }>("lab/jobs");

test.before(async (context) => {
  context.lab = await openLab();
  context.home = mkdtempSync(join(tmpdir(), "pikaci-home-"));
  context.rig = openRig({ NIX_SSHOPTS: context.lab.sshOptions, HOME: context.home, CONTRACT_SECRET });
  writeContractFiles(context.rig);
  context.rig.configure({
    hosts: Object.fromEntries(context.lab.hosts.map(({ name, url }) => [name, { url, lease: "10s" }])),
    limits: { jobs: 4 },
    jobs: configured(jobs, "sandbox"),
    defaultTarget: "local",
    targets: Object.fromEntries(
      Object.entries(rows).map(([host, part]) => [host, { jobs: Object.keys(part) }]),
    ),
  });
});

test.after(async ({ lab, rig, home }) => {
  rig.remove();
  rmSync(home, { recursive: true, force: true });
  await lab.stop();
});

for (const host of ["single", "multi", "local"] as const) {
  const part = rows[host] === jobs ? "the job contract" : "a part of the job contract";
  test(`${part} holds on the host ${host}; all of it on each: npm run test:machines`, async ({
    lab,
    rig,
    home,
  }) => {
    const run = async () => {
      const ended = await rig.pikaci("run", host, "--on", host, "-q");
      assert.is(ended.code, 124, ended.stderr);
    };
    const where = host === "local" ? thisMachine(home) : lab[host];
    const places = host === "local" ? [home] : undefined;
    assert.equal(await sightings(where, CONTRACT_SECRET, run, places), []);
    assert.equal(contractMismatches(rig, rows[host]), []);
    assert.is(rig.record().state, "finished");
    if (rows[host] === jobs) checkStored(rig);
    if (host === "local") {
      assert.is(await verifySnapshots(join(home, ".local/state/pikaci")), 2);
    } else {
      const { stdout } = await lab[host].exec(GUEST_PROCESSES);
      assert.is(stdout.trim(), "0");
      await verifyHost(lab[host]);
    }
  });
}

/** Where other tests may run, whose command lines are not looked at. */
const thisMachine = (homeDir: string): Watched => ({
  homeDir,
  rootDir: "/",
  exec: (script) => runHere("sh", ["-c", script]),
  processes: async () => [],
});

const GUEST_PROCESSES = "ps -eo args | grep -cE '[l]ib/jail|[g]uard-supervisor|[b]wrap --' || true";

/** Links stay links, a log that a job tried to truncate is whole, and what was left out is named. */
function checkStored(rig: Rig): void {
  const jobs = join(rig.dir, ".pikaci/runs", rig.record().run_id, "jobs");
  assert.is(readlinkSync(join(jobs, "symlinks/artifacts/passwd")), "/etc/passwd");
  assert.not(lstatSync(join(jobs, "symlinks/artifacts/loop")).isDirectory());
  assert.equal(jobOf(rig.record(), "symlinks").artifacts_left_out, ["fifo: a fifo"]);
  assert.is(jobOf(rig.record(), "private").workspace, "overlay");
  assert.is(rig.jobFile("large-log", "guest.log").length, 5_000_005);
}

test.run();
