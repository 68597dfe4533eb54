import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { RunRecord } from "../../src/core/run-record.ts";
import type { LabHost } from "../lab/host.ts";
import { openRig, type Rig } from "../lab/rig.ts";
import { verifySnapshots } from "../lab/verify.ts";

export interface Storm {
  readonly runs: number;
  readonly collections: number;
  /** What went wrong, a line each. */
  readonly problems: readonly string[];
  /** KiB in the host's work dir: the most that was seen, and in the end. */
  readonly peakKib: number;
  readonly endKib: number;
}

/** Trees that the runs have in turn, so that snapshots come back after they were collected. */
const TREES = 12;

/** Nothing of a host is young: its `date +%s`, which only collections ask, is two hours ahead. */
const AHEAD = `#!/bin/sh
[ "$*" != +%s ] || { echo $(($(/usr/bin/date +%s) + 7200)); exit; }
exec /usr/bin/date "$@"
`;

/** `count` runs, `lanes` at a time, on one host, while collections take all that is not in use. */
export async function storm(host: LabHost, sshOptions: string, count: number, lanes: number): Promise<Storm> {
  await host.exec(`cat >/usr/local/bin/date <<'END'\n${AHEAD}END\nchmod 755 /usr/local/bin/date`);
  const rigs = Array.from({ length: lanes }, () => project(host, sshOptions));
  const problems: string[] = [];
  const sizes: number[] = [];
  let started = 0;
  let collections = 0;
  let over = false;
  const collecting = (async () => {
    while (!over) {
      const [rig] = rigs;
      if (rig === undefined) return;
      const ended = await rig.pikaci("gc", "--on", "host", "--keep-last", "1", "--keep-failed", "0");
      if (ended.code !== 0) problems.push(`gc: ${ended.code}: ${ended.stderr}${ended.stdout}`);
      collections += 1;
      sizes.push(await workDirKib(host));
      await new Promise((done) => setTimeout(done, 2000));
    }
  })();
  try {
    await Promise.all(
      rigs.map(async (rig) => {
        while (started < count) problems.push(...(await oneRun(rig, started++)));
      }),
    );
  } finally {
    over = true;
    await collecting;
    for (const rig of rigs) rig.remove();
  }
  await verifySnapshots(join(host.rootDir, host.homeDir, ".local/state/pikaci"));
  return { runs: started, collections, problems, peakKib: Math.max(...sizes), endKib: sizes.at(-1) ?? 0 };
}

function project(host: LabHost, sshOptions: string): Rig {
  const rig = openRig({ NIX_SSHOPTS: sshOptions });
  const command = 'cat file; cp file /artifacts/copy; grep -q "^even" file';
  rig.configure({
    project: "storm",
    hosts: { host: { url: host.url } },
    snapshot: { exclude: ["pikaci.config.json"] },
    jobs: { right: { command }, wrong: { command: `! { ${command}; }` } },
  });
  return rig;
}

/** Every run has one job that passes and one that fails, and which is which depends on its tree. */
async function oneRun(rig: Rig, number: number): Promise<string[]> {
  const tree = number % TREES;
  const even = tree % 2 === 0;
  const text = `${even ? "even" : "odd"} ${tree}\n${"x".repeat(20_000)}\n`;
  rig.write({ file: text });
  const ended = await rig.pikaci("run", "--on", "host", "--json", "-q");
  const said = `run ${number}: exit ${ended.code}: ${ended.stderr.slice(-500)}`;
  if (ended.code !== 1) return [said];
  const { jobs } = JSON.parse(ended.stdout) as RunRecord;
  const statuses = Object.fromEntries(jobs.map(({ job, result }) => [job, result?.status]));
  const expected = even ? ["passed", "failed"] : ["failed", "passed"];
  const wrong = statuses["right"] !== expected[0] || statuses["wrong"] !== expected[1];
  const lost = ["right", "wrong"].some((job) => rig.jobFile(job, "artifacts/copy") !== text);
  return [
    ...(wrong ? [`${said}: wrong verdicts ${JSON.stringify(statuses)}`] : []),
    ...(lost ? [`run ${number}: an artifact is lost`] : []),
  ];
}

async function workDirKib(host: LabHost): Promise<number> {
  const { stdout } = await host.exec(`du -sk ${host.homeDir}/.local/state/pikaci`);
  return Number(stdout.split("\t")[0]);
}

/** Things that lie in a host's work dir, by kind. */
export function counted(host: LabHost): Record<string, number> {
  const workDir = join(host.rootDir, host.homeDir, ".local/state/pikaci");
  return Object.fromEntries(
    readdirSync(workDir).map((kind) => [kind, readdirSync(join(workDir, kind)).length]),
  );
}
