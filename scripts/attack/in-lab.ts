import { readFileSync } from "node:fs";
import { ANSWERS, hostileProject, startHostile, stopHostile, tryAnswer } from "../../test/attack/forged.ts";
import { killClients } from "../../test/attack/kills.ts";
import { randomNumbers } from "../../test/attack/random.ts";
import { openContract } from "../../test/lab/contract-run.ts";
import { contractOf } from "../../test/lab/job-contract.ts";
import type { LabHost } from "../../test/lab/lab.ts";
import { leftNow, nothingLeft } from "../../test/lab/leftovers.ts";
import { verifyHost } from "../../test/lab/verify.ts";
import { type Attacked, badOnes, tell } from "./tell.ts";

/** A host of the lab, and the words with which ssh reaches it. */
export interface Target {
  readonly host: LabHost;
  readonly sshOptions: string;
}

/** Rows of the job contract that attack the guard, the host's kernel, or the client that takes the artifacts. */
export const TRICKS: readonly string[] = [
  "forger",
  "log-truncator",
  "symlinks",
  "vast-artifact",
  "odd-names",
  "read-only",
  "isolated",
  "no-network",
  "kernel-settings",
  "kernel-settings-root",
];

/** Runs jobs that attack their host, in sandboxes and in Nix builds; gives how many of them succeeded. */
export async function runTricks({ host, sshOptions }: Target, text: string): Promise<number> {
  const tried: Attacked[] = [];
  for (const backend of ["sandbox", "derivation"] as const) {
    const rows = Object.entries(contractOf(backend, "whole"));
    const jobs = Object.fromEntries(rows.filter(([name]) => TRICKS.includes(name) && name.includes(text)));
    if (Object.keys(jobs).length === 0) continue;
    const before = await leftNow(host);
    const contract = openContract({ url: host.url, sshOptions, runner: backend, limit: 2, jobs });
    try {
      const said = await contract.run();
      const wrong = contract.mismatches();
      for (const name of Object.keys(jobs)) {
        const problems = wrong.filter((line) => line.startsWith(`${name}: `));
        const result = { name: `${host.name} ${backend} ${name}`, problems };
        tell(result);
        tried.push(result);
      }
      if (wrong.length > 0) console.log(said);
      await nothingLeft(host, before, 10);
    } finally {
      contract.remove();
    }
  }
  console.log(`${tried.length} tricks on ${host.name}, ${badOnes(tried)} bad`);
  return badOnes(tried);
}

/** Kills clients at random moments; gives how many kills left or lost something. */
export async function runKills({ host, sshOptions }: Target, count: number, seed: number): Promise<number> {
  const named = ({ at, problems }: { readonly at: number; readonly problems: readonly string[] }) => ({
    name: `killed after ${Math.round(at * 100)} % of a run`,
    problems,
  });
  const kills = await killClients(host, sshOptions, count, randomNumbers(seed), (kill) => tell(named(kill)));
  const bad = badOnes(kills.map(named));
  console.log(`${kills.length} kills, ${bad} bad`);
  await verifyHost(host);
  return bad;
}

/** Runs on a host that forges one of its answers; gives how many were believed. */
export async function runAnswers({ host, sshOptions }: Target, text: string): Promise<number> {
  const shell = readFileSync(new URL("../../test/attack/hostile-shell.pl", import.meta.url), "utf8");
  await startHostile(host, shell);
  const rig = hostileProject(host, sshOptions);
  try {
    const tried: Attacked[] = [];
    for (const name of Object.keys(ANSWERS).filter((one) => one.includes(text))) {
      const result = { name, problems: await tryAnswer(host, rig, name) };
      tell(result);
      tried.push(result);
    }
    console.log(`${tried.length} forged answers, ${badOnes(tried)} bad`);
    return badOnes(tried);
  } finally {
    await stopHostile(host);
    rig.remove();
  }
}
