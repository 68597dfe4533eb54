import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { GIT_INDEX, PUBLISHED_TIME, publishedTime } from "../../src/core/layout.ts";
import { hashPath } from "../../src/nix/hash-path.ts";
import { makeContext } from "../workspace.ts";
import type { LabHost } from "./host.ts";

/** Every snapshot and runner flake in the work dirs of a host's account, and every path of its Nix store. */
export async function verifyHost(host: LabHost): Promise<void> {
  for (const workDir of workDirsOf(host)) await verifySnapshots(workDir);
  const { exitCode, stderr } = await host.exec("nix-store --verify --check-contents");
  if (exitCode !== 0) throw new Error(`the Nix store of ${host.name} is damaged: ${stderr}`);
}

/** The default one, and what a suite has made below the home. */
function workDirsOf({ rootDir, homeDir }: LabHost): string[] {
  const home = join(rootDir, homeDir);
  const below = readdirSync(home).map((name) => join(home, name));
  return [join(home, ".local/state/pikaci"), ...below].filter((dir) => existsSync(join(dir, "snapshots")));
}

/**
 * Re-hashes every snapshot and runner flake under a work dir as this side sees it, and looks at modes and times. Gives
 * the number of snapshots; throws naming what is wrong. Every suite that publishes ends with it.
 */
export async function verifySnapshots(workDir: string): Promise<number> {
  for (const name of namesIn(join(workDir, "runner-flakes")))
    await verifyTree(join(workDir, "runner-flakes", name), name);
  const names = namesIn(join(workDir, "snapshots"));
  for (const name of names) await verifySnapshot(join(workDir, "snapshots", name), name);
  return names.length;
}

function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

/** Gives the manifest of a published tree. */
async function verifyTree(dir: string, name: string): Promise<Buffer> {
  const { hashed } = await hashPath(dir, makeContext(), { cache: "none" });
  if (hashed.contentHash !== name) throw new Error(`${dir} has the content ${hashed.contentHash}`);
  verifyStats(Buffer.from(dir));
  return hashed.manifest;
}

async function verifySnapshot(dir: string, name: string): Promise<void> {
  const entries = readdirSync(dir).sort().join(" ");
  if (entries !== "B3SUMS manifest pikaci-snapshot.json snapshot") throw new Error(`${dir} holds ${entries}`);
  const manifest = await verifyTree(join(dir, "snapshot"), name);
  if (!manifest.equals(readFileSync(join(dir, "manifest")))) throw new Error(`${dir}/manifest differs`);
  const metadata = JSON.parse(readFileSync(join(dir, "pikaci-snapshot.json"), "utf8"));
  if (metadata.content_hash !== name) throw new Error(`${dir}'s metadata names ${metadata.content_hash}`);
  verifyStats(Buffer.from(dir));
}

function verifyStats(path: Buffer): void {
  const stats = lstatSync(path);
  const shown = () =>
    `${path.toString("latin1")} has mode ${stats.mode.toString(8)} and mtime ${stats.mtimeMs}`;
  if (stats.isSymbolicLink()) return void readlinkSync(path);
  const time = path.toString("latin1").endsWith(`/${GIT_INDEX}`) ? publishedTime(GIT_INDEX) : PUBLISHED_TIME;
  const modes = stats.isDirectory() ? [0o755] : [0o644, 0o755];
  if (!modes.includes(stats.mode & 0o7777) || stats.mtimeMs !== time * 1000) throw new Error(shown());
  if (!stats.isDirectory()) return;
  for (const name of readdirSync(path, { encoding: "buffer" })) {
    verifyStats(Buffer.concat([path, Buffer.from("/"), name]));
  }
}
