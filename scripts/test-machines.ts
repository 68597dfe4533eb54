import { parseArgs } from "node:util";
import { openContract } from "../test/lab/contract-run.ts";
import { nearOf, openGreeter } from "../test/lab/greeter.ts";
import { CONTRACT_SECRET, contractOf, type Expected } from "../test/lab/job-contract.ts";
import { type HostKind, type Lab, type LabHost, labMissing, openLab } from "../test/lab/lab.ts";
import { leftNow, nothingLeft } from "../test/lab/leftovers.ts";
import { hurtMachine, MACHINE_FAULTS } from "../test/lab/machine-faults.ts";
import { machineJobs } from "../test/lab/machine-jobs.ts";
import { runNixosContract } from "../test/lab/nixos-contract.ts";
import { cutPower } from "../test/lab/power-cut.ts";
import { sightings } from "../test/lab/secret-watch.ts";
import { verifyHost } from "../test/lab/verify.ts";
import { makeDirectory, removeWorkspaces } from "../test/workspace.ts";
import { setUpFor } from "./setup/ensure.ts";
import { ownDirectory } from "./suites/own-directory.ts";

const HELP = `npm run test:machines -- [--jobs N] [TEXT ...]

Runs the whole job contract on hosts of the lab, as root on a single-user Nix and as an ordinary account on a newer one:
in sandboxes, in Nix builds, in virtual machines (with virtiofs, and with 9p), and in those of the runner microvm (with a
stand-in for nixpkgs); then hurts machines in every way, and cuts the power of one with an ext4 disk. Ends with 1 when anything was otherwise than it has to be, or is left on a host.

  --jobs  guests at once; default 2
  TEXT    only jobs and faults whose name contains one of these, and sites, as "multi minivm 9p"`;

type Transport = "virtiofs" | "9p";

interface Site {
  readonly kind: HostKind;
  readonly backend: "sandbox" | "derivation" | "minivm";
  readonly transport?: Transport;
}

const SITES: readonly Site[] = [
  { kind: "single", backend: "sandbox" },
  { kind: "multi", backend: "sandbox" },
  { kind: "single", backend: "derivation" },
  { kind: "multi", backend: "derivation" },
  { kind: "single", backend: "minivm", transport: "virtiofs" },
  { kind: "multi", backend: "minivm", transport: "virtiofs" },
  { kind: "multi", backend: "minivm", transport: "9p" },
];
const nameOf = (site: Site) => Object.values(site).join(" ");

/** Hides virtiofsd from the probe, or shows it again. */
async function offer(host: LabHost, transport: Transport): Promise<void> {
  await host.exec(`chmod ${transport === "9p" ? "a-x" : "a+x"} /usr/libexec/virtiofsd`);
}

/** What went otherwise than the contract says on one host, a line each. */
async function check(
  host: LabHost,
  backend: Site["backend"],
  sshOptions: string,
  limit: number,
  jobs: Readonly<Record<string, Expected>>,
): Promise<string[]> {
  const before = await leftNow(host);
  const runner = backend === "minivm" ? { backend, vcpu: 1, memory: "512MiB" } : backend;
  const contract = openContract({ url: host.url, sshOptions, runner, limit, lease: "20s", jobs });
  try {
    let said = "";
    const run = async () => {
      said = await contract.run();
    };
    const seen = await sightings(host, CONTRACT_SECRET, run);
    const problems = [...contract.mismatches(), ...seen.map((where) => `a secret in ${where}`)];
    await nothingLeft(host, before, 10);
    await verifyHost(host);
    return problems.length === 0 ? [] : [...problems, said];
  } catch (error) {
    return [String(error)];
  } finally {
    contract.remove();
  }
}

async function checkContract(lab: Lab, limit: number, chosen: Chosen): Promise<boolean> {
  const greeter = await openGreeter();
  let good = true;
  try {
    for (const site of SITES) {
      const { kind, backend, transport = "virtiofs" } = site;
      const host = lab[kind];
      await offer(host, transport);
      const address = { address: nearOf(host), port: greeter.port };
      const all = { ...contractOf(backend, "whole"), ...(backend === "minivm" ? machineJobs(address) : {}) };
      const jobs = Object.fromEntries(
        Object.entries<Expected>(all).filter(([name]) => chosen(`${nameOf(site)} ${name}`)),
      );
      const count = Object.keys(jobs).length;
      if (count === 0) continue;
      const began = performance.now();
      const problems = await check(host, backend, lab.sshOptions, limit, jobs);
      good = tell(`${nameOf(site)}: ${count} jobs`, began, problems) && good;
    }
  } finally {
    greeter.close();
    await offer(lab.multi, "virtiofs");
  }
  return good;
}

async function checkNixos(lab: Lab, limit: number, chosen: Chosen): Promise<boolean> {
  const began = performance.now();
  const { count, problems } = await runNixosContract(lab.multi, lab.sshOptions, limit, (name) =>
    chosen(`multi microvm ${name}`),
  );
  return count === 0 || tell(`multi microvm: ${count} jobs`, began, problems);
}

async function checkFaults(lab: Lab, chosen: Chosen): Promise<boolean> {
  let good = true;
  for (const [name, fault] of Object.entries(MACHINE_FAULTS).filter(([one]) => chosen(one)))
    for (const kind of ["single", "multi"] as const) {
      const began = performance.now();
      const problems = await hurtMachine(lab[kind], lab.sshOptions, fault);
      good = tell(`${kind}, ${name}`, began, problems) && good;
    }
  return good;
}

async function checkPower(lab: Lab, chosen: Chosen): Promise<boolean> {
  if (!chosen("power cut")) return true;
  const began = performance.now();
  const { problems, control } = await cutPower(lab.multi, ownDirectory("power"));
  const good = tell("power cut", began, problems);
  console.log(["  the same with PIKACI_NO_SYNC=1, of which nothing is promised:", ...control].join("\n    "));
  return good;
}

function tell(what: string, began: number, problems: readonly string[]): boolean {
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log([`${problems.length === 0 ? "ok " : "BAD"} ${what} in ${seconds} s`, ...problems].join("\n  "));
  return problems.length === 0;
}

type Chosen = (name: string) => boolean;

async function main(limit: number, words: readonly string[]): Promise<boolean> {
  // A place for ssh's sockets that no other suite uses.
  process.env.TMPDIR = makeDirectory();
  const lab = await openLab(["single", "multi"], { machines: true });
  const chosen = (name: string) => words.length === 0 || words.some((word) => name.includes(word));
  try {
    const machines = await checkContract(lab, limit, chosen);
    const contract = (await checkNixos(lab, limit, chosen)) && machines;
    const faults = (await checkFaults(lab, chosen)) && contract;
    return (await checkPower(lab, chosen)) && faults;
  } finally {
    await lab.stop();
    removeWorkspaces();
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { jobs: { type: "string", default: "2" }, help: { type: "boolean", short: "h" } },
});
if (!values.help) setUpFor("test:machines");
const missing = labMissing();
if (values.help) console.log(HELP);
else if (missing.length > 0) {
  console.error(`the lab cannot run: ${missing.join("; ")}`);
  process.exitCode = 1;
} else process.exitCode = (await main(Number(values.jobs), positionals)) ? 0 : 1;
