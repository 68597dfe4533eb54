import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Context } from "../../src/core/context.ts";
import type { HashedSnapshot, Published } from "../../src/core/snapshot.ts";
import type { LabHost } from "../lab/lab.ts";
import { verifySnapshots } from "../lab/verify.ts";
import { hashTree, hostSpec, publishOnce } from "../publish/publish-rig.ts";
import { makeMemory, writeFiles } from "../workspace.ts";
import { IDLE_SECONDS, LEASE_MS } from "./times.ts";

const FILES = 12;
const FILE_BYTES = 400_000;

/** A host made ready for cases, one at a time, and what its clients share. */
export interface Site {
  readonly host: LabHost;
  /** Of this site's clients: their TMPDIR, so that what they leave is seen. */
  readonly tmp: string;
  readonly base: HashedSnapshot;
  readonly target: HashedSnapshot;
  readonly targetTree: string;
  /** Half of what the target has and the base has not. */
  readonly halfBytes: number;
  /** A client's state directory and environment. */
  context(stateDir: string): Context;
  /** A fresh `.pikaci`. */
  makeStateDir(): string;
  close(): void;
}

export async function openSite(host: LabHost, sshOptions: string): Promise<Site> {
  const dir = mkdtempSync(join(tmpdir(), "pf-"));
  const [tmp, baseTree, targetTree] = ["t", "base", "target"].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(tmp);
  makeTrees(baseTree, targetTree);
  const makeStateDir = () => join(mkdtempSync(join(dir, "state-")), ".pikaci");
  const options = `-o ServerAliveInterval=2 -o ServerAliveCountMax=2 ${sshOptions}`;
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: tmp, NIX_SSHOPTS: options };
  const context = (stateDir: string): Context => ({
    emit: () => {},
    signal: new AbortController().signal,
    clock: () => new Date(),
    author: "trusted",
    env,
    workspace: dirname(stateDir),
    stateDir,
    memory: makeMemory(`${stateDir}-memory`),
  });
  const [base, target] = [
    await hashTree(baseTree, context(makeStateDir())),
    await hashTree(targetTree, context(makeStateDir())),
  ];
  const halfBytes = (FILES * FILE_BYTES) / 2;
  const close = () => rmSync(dir, { recursive: true, force: true });
  const site = { host, tmp, base, target, targetTree, halfBytes, context, makeStateDir, close };
  await equip(site);
  return site;
}

/** Session and publication as a client does them, in this process. */
export function publishTo(
  site: Site,
  workDir: string,
  hashed: HashedSnapshot,
  stateDir: string,
): Promise<Published> {
  const spec = hostSpec(site.host.url, workDir, LEASE_MS);
  return publishOnce(spec, hashed, site.context(stateDir), { idleSeconds: IDLE_SECONDS });
}

/** Two trees of odd names; the second has lost one file, made one executable, and gained a few megabytes. */
function makeTrees(base: string, target: string): void {
  mkdirSync(base);
  writeFiles(base, {
    "a/b/c": "deep",
    "-rf $(id)": "hostile",
    "new\nline\xff": "bytes",
    gone: "soon",
    tool: "#!",
  });
  for (let n = 0; n < 20; n++) writeFiles(base, { [`src/file-${n}`]: `content ${n}` });
  writeFileSync(join(base, "old"), randomBytes(1_000_000));
  symlinkSync("../out", join(base, "link"));
  // Node copies no names that are not UTF-8.
  execFileSync("cp", ["-a", "--", base, target]);
  rmSync(join(target, "gone"));
  chmodSync(join(target, "tool"), 0o755);
  for (let n = 0; n < FILES; n++) writeFileSync(join(target, `big-${n}`), randomBytes(FILE_BYTES));
}

/** The reader and the slow mv on the host, and what both snapshots look like there when nothing goes wrong. */
async function equip(site: Site): Promise<void> {
  const { host } = site;
  for (const [name, path] of [
    ["slow-mv.sh", "usr/local/bin/mv"],
    ["reader.sh", "usr/local/bin/faults-reader"],
  ] as const)
    writeFileSync(join(host.rootDir, path), readFileSync(join(import.meta.dirname, name)), { mode: 0o755 });
  const workDir = `${host.homeDir}/reference`;
  await host.exec("mkdir -m 1777 /run/faults");
  await publishTo(site, workDir, site.base, site.makeStateDir());
  await publishTo(site, workDir, site.target, site.makeStateDir());
  const snapshots = await verifySnapshots(join(host.rootDir, workDir));
  const described = await host.exec(`faults-reader ${workDir} /run/faults/expected`);
  if (snapshots !== 2 || described.exitCode !== 0) throw new Error(`no reference: ${described.stderr}`);
}
