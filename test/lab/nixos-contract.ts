import { nearOf, openGreeter } from "./greeter.ts";
import {
  CONTRACT_SECRET,
  configured,
  contractMismatches,
  contractOf,
  type Expected,
  writeContractFiles,
} from "./job-contract.ts";
import type { LabHost } from "./lab.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { machineJobs } from "./machine-jobs.ts";
import { lockOfStandIns } from "./nixos-stand-in.ts";
import { openRig } from "./rig.ts";
import { sightings } from "./secret-watch.ts";
import { verifyHost } from "./verify.ts";

export const NIXOS = { backend: "microvm", vcpu: 1, memory: "512MiB" } as const;

/** The contract's jobs that are chosen, in guests of the stand-in; what went otherwise, a line each. */
export async function runNixosContract(
  host: LabHost,
  sshOptions: string,
  limit: number,
  chosen: (name: string) => boolean,
): Promise<{ readonly count: number; readonly problems: readonly string[] }> {
  const greeter = await openGreeter();
  const rig = openRig({ NIX_SSHOPTS: sshOptions, CONTRACT_SECRET });
  try {
    await host.exec("bash -c 'exec 3<>/dev/tcp/127.0.0.1/22'");
    const all: Readonly<Record<string, Expected>> = {
      ...contractOf("microvm", "whole"),
      ...machineJobs({ address: nearOf(host), port: greeter.port }, "microvm"),
    };
    const jobs = Object.fromEntries(Object.entries(all).filter(([name]) => chosen(name)));
    const count = Object.keys(jobs).length;
    if (count === 0) return { count, problems: [] };
    rig.write({ "flake.lock": await lockOfStandIns(host) });
    const before = await leftNow(host);
    writeContractFiles(rig);
    rig.configure({
      ...{ host: "there", hosts: { there: { url: host.url, lease: "20s" } }, limits: { jobs: limit } },
      jobs: configured(jobs, NIXOS),
    });
    let said = "";
    const run = async () => {
      said = (await rig.pikaci("run", "-q")).stderr.slice(-2000);
    };
    const seen = await sightings(host, CONTRACT_SECRET, run);
    const problems = [...contractMismatches(rig, jobs), ...seen.map((where) => `a secret in ${where}`)];
    await nothingLeft(host, before, 10);
    await verifyHost(host);
    return { count, problems: problems.length === 0 ? [] : [...problems, said] };
  } finally {
    greeter.close();
    rig.remove();
  }
}
