import { cpSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { LabHost } from "./lab.ts";

const FIXTURES = resolve(import.meta.dirname, "../fixtures");
const KERNEL_SH = resolve(import.meta.dirname, "../../nix/runners/minivm/tree/lib/kernel.sh");
const PLACE = "/srv/stand-in";

const locks = new WeakMap<LabHost, Promise<string>>();

/**
 * Puts what stands in for nixpkgs and microvm.nix on a host with machines, once, as archives, and gives the `flake.lock`
 * of a project that is locked to them.
 */
export function lockOfStandIns(host: LabHost): Promise<string> {
  const lock = locks.get(host) ?? putStandIns(host);
  locks.set(host, lock);
  return lock;
}

async function putStandIns(host: LabHost): Promise<string> {
  const there = join(host.rootDir, PLACE);
  mkdirSync(there, { recursive: true });
  for (const name of ["nixpkgs", "microvm"])
    cpSync(join(FIXTURES, name), join(there, name), { recursive: true });
  cpSync(KERNEL_SH, join(there, "kernel.sh"));
  await must(host, `sh ${PLACE}/microvm/make-system.sh ${PLACE}/microvm/system ${PLACE}/kernel.sh`);
  const nodes = { nixpkgs: await archive(host, "nixpkgs"), microvm: await archive(host, "microvm") };
  const root = { inputs: { nixpkgs: "nixpkgs", microvm: "microvm" } };
  return JSON.stringify({ nodes: { ...nodes, root }, root: "root", version: 7 });
}

async function archive(host: LabHost, name: string): Promise<object> {
  const url = `file://${PLACE}/${name}.tar`;
  const hash = await must(
    host,
    `tar -C ${PLACE} -cf ${PLACE}/${name}.tar ${name} && nix --extra-experimental-features nix-command hash path --sri ${PLACE}/${name}`,
  );
  const original = { type: "tarball", url };
  return { locked: { ...original, narHash: hash.trim() }, original };
}

async function must(host: LabHost, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await host.exec(script);
  if (exitCode !== 0) throw new Error(`${script}: exit ${exitCode}\n${stderr}`);
  return stdout;
}
