// needs: lab
// time-limit: 600
// exhaustive: each test on both kinds of hosts
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { dealTests } from "../exhaustive.ts";
import { checkEnd } from "./ended.ts";
import type { LabHost } from "./lab.ts";
import { type LabContext, labSuite, openProject } from "./lab-suite.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { type Ended, jobOf, type Rig } from "./rig.ts";
import { verifyHost, verifySnapshots } from "./verify.ts";

interface Case {
  /** Of the work dir's disk, on which the copy of /etc takes some 2 MB. */
  readonly size: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly command?: string;
  /** Shell on the host, in the work dir, before the run. */
  readonly spoil?: string;
  readonly check: (rig: Rig, ended: Ended) => void;
}

const refusal =
  (...says: (string | RegExp)[]) =>
  (rig: Rig, ended: Ended) => {
    const hint = "free space on the host, or give it another `workDir` in the configuration";
    const record = checkEnd(rig, ended, { code: 3, kind: "infra", says, hint });
    assert.not.match(record.jobs[0]?.result?.message ?? "", "\n");
  };

/** The log is some megabytes, whole up to where the disk was full. */
function logFilledTheDisk(rig: Rig, { code, stderr }: Ended): void {
  const { state, status, exit_code } = rig.record();
  assert.equal([code, state, status, exit_code], [3, "finished", "infra", 3], stderr);
  const { result } = jobOf(rig.record(), "x");
  assert.match(
    result?.message ?? "",
    /^disk: the log could not be written: 8.0M of 8.0M used on \/small-\d+; free space there, or give the host another `workDir`$/,
  );
  assert.match(stderr, "disk: the log could not be written");
  assert.match(rig.jobFile("x", "guest.log"), /^(x{99}\n){30000}/);
}

function artifactsFilledTheDisk(rig: Rig, { code, stderr }: Ended): void {
  const { status, exit_code, jobs } = rig.record();
  assert.equal([code, status, exit_code, jobs[0]?.result?.exit_code], [1, "failed", 1, 7], stderr);
  assert.match(rig.jobFile("x", "guest.log"), /No space left on device\ncode 1\n$/);
  assert.ok((jobs[0]?.artifacts[0]?.size ?? 0) > 3_000_000);
}

const cases: Readonly<Record<string, Case>> = {
  "full before the run": {
    size: "1m",
    // As on a new file system, where this directory is no sign of another owner.
    spoil: "mkdir lost+found && head -c 2000000 /dev/zero >lost+found/full; true",
    check: refusal(/the work dir \/small-\d+ cannot be written: .*No space left on device/, "100% /small-"),
  },
  "too small for a job, as the probe sees": {
    size: "1m",
    check: refusal(
      /the disk of \/small-\d+ is too full for the logs and records of a job: it needs 1572864 bytes, has \d+/,
    ),
  },
  "too small for the tree, as the probe sees": {
    size: "4m",
    files: { big: "x".repeat(3_000_000) },
    check: refusal(
      /the disk of \/small-\d+ is too full for the snapshot and the logs and records of a job: it needs 3000\d+ \+ \d+ bytes, has \d+/,
    ),
  },
  "full in the middle of the upload": {
    size: "8m",
    files: Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`many/${n}`, "x"])),
    check: refusal(
      /the disk of \/small-\d+ is full: tar: snapshot\/many\/\d+: Cannot write: No space left on device\nFilesystem/,
    ),
  },
  "full of the job's log": {
    size: "8m",
    command: "yes $(head -c 99 /dev/zero | tr '\\0' x) | head -c 20000000; exit 0",
    check: logFilledTheDisk,
  },
  "full of the job's artifacts": {
    size: "8m",
    command: // The log needs room too: nothing is said while there is none.
      'said=$(head -c 20000000 /dev/zero 2>&1 >/artifacts/big); code=$?; truncate -s 3500000 /artifacts/big; echo "$said"; echo code $code; exit 7',
    check: artifactsFilledTheDisk,
  },
};

const test = labSuite("lab/bad-disks");

let disks = 0;

async function smallDisk(host: LabHost, { size, spoil = "true" }: Case): Promise<string> {
  disks += 1;
  await host.mountSmallDisk(`/small-${disks}`, size);
  const spoiled = await host.exec(`cd /small-${disks} && ${spoil}`);
  assert.is(spoiled.exitCode, 0, spoiled.stderr);
  return `/small-${disks}`;
}

function project(
  context: LabContext,
  host: LabHost,
  workDir: string,
  { files = {}, command = "true" }: Case,
): Rig {
  const rig = openProject(context);
  rig.write({ file: "content\n", ...files });
  rig.configure({
    host: "there",
    hosts: { there: { url: host.url, workDir, lease: "6s" } },
    jobs: { x: { command }, next: { command: "true" } },
    targets: { default: { jobs: ["x"] } },
  });
  return rig;
}

const clientDisks: Readonly<Record<string, string>> = {
  "the job's log": "echo begun; head -c 2000000 /dev/zero | tr '\\0' x; sleep 600",
  "the job's artifacts": "head -c 2000000 /dev/urandom >/artifacts/big",
};

for (const [what, command] of Object.entries(clientDisks)) {
  test(`the client's disk full of ${what}: exit 3, a terminal record, nothing left on the host`, async (context) => {
    const host = context.lab.single;
    const rig = project(context, host, `${host.homeDir}/.local/state/pikaci`, {
      size: "",
      command,
      check: () => {},
    });
    const records = join(rig.dir, ".pikaci");
    mkdirSync(records);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=512k", "small", records]);
    const before = await leftNow(host);
    try {
      checkEnd(rig, await rig.pikaci("run", "-q"), {
        code: 3,
        kind: "infra",
        says: ["ENOSPC"],
        hint: "free space on this machine",
      });
      await nothingLeft(host, before, 10);
      assert.match((await rig.pikaci("list")).stdout, "✘ infra");
    } finally {
      execFileSync("umount", ["-l", records]);
    }
  });
}

for (const kind of ["single", "multi"] as const) {
  const dealt = dealTests(test, kind);
  for (const [what, one] of Object.entries(cases)) {
    dealt(
      `${kind}: a disk that is ${what}: the same again, nothing left, and a pass once it is larger`,
      async (context) => {
        const host = context.lab[kind];
        const workDir = await smallDisk(host, one);
        const rig = project(context, host, workDir, one);
        const before = await leftNow(host);
        try {
          for (let run = 0; run < 2; run += 1) one.check(rig, await rig.pikaci("run", "-q"));
          await nothingLeft(host, before, 5);
          assert.is((await host.exec(`ls ${workDir}/tmp`)).stdout, "");
          assert.is(
            (await host.exec(`mount -o remount,size=64m ${workDir} && rm -f ${workDir}/full`)).exitCode,
            0,
          );
          const next = await rig.pikaci("run", "-q", "--job", "next");
          assert.is(next.code, 0, next.stderr);
          await verifySnapshots(join(host.rootDir, workDir));
        } finally {
          await host.exec(`umount -l ${workDir}`);
        }
      },
    );
  }

  test(`${kind}: its store and its snapshots are whole`, ({ lab }) => verifyHost(lab[kind]));
}

test.run();
