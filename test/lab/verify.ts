import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { hashPath } from "../../src/stages/hash-path.ts";
import { makeContext } from "../workspace.ts";
import type { LabHost } from "./host.ts";

/** Every snapshot in the default work dir of a host's account, and every path of its Nix store. */
export async function verifyHost(host: LabHost): Promise<void> {
  await verifySnapshots(join(host.rootDir, host.homeDir, ".local/state/pikaci"));
  const { exitCode, stderr } = await host.exec("nix-store --verify --check-contents");
  if (exitCode !== 0) throw new Error(`the Nix store of ${host.name} is damaged: ${stderr}`);
}

/**
 * Re-hashes every snapshot under a work dir as this side sees it, and looks at modes and times. Gives the number of
 * snapshots; throws naming what is wrong. Every suite that publishes ends with it.
 */
export async function verifySnapshots(workDir: string): Promise<number> {
  const names = existsSync(workDir) ? readdirSync(join(workDir, "snapshots")) : [];
  for (const name of names) await verifySnapshot(join(workDir, "snapshots", name), name);
  return names.length;
}

async function verifySnapshot(dir: string, name: string): Promise<void> {
  const entries = readdirSync(dir).sort().join(" ");
  if (entries !== "B3SUMS manifest pikaci-snapshot.json snapshot") throw new Error(`${dir} holds ${entries}`);
  const { hashed } = await hashPath(join(dir, "snapshot"), makeContext(), { cache: "none" });
  if (hashed.contentHash !== name) throw new Error(`${dir} has the content ${hashed.contentHash}`);
  if (!hashed.manifest.equals(readFileSync(join(dir, "manifest"))))
    throw new Error(`${dir}/manifest differs`);
  const metadata = JSON.parse(readFileSync(join(dir, "pikaci-snapshot.json"), "utf8"));
  if (metadata.content_hash !== name) throw new Error(`${dir}'s metadata names ${metadata.content_hash}`);
  verifyStats(Buffer.from(dir));
}

function verifyStats(path: Buffer): void {
  const stats = lstatSync(path);
  const shown = () =>
    `${path.toString("latin1")} has mode ${stats.mode.toString(8)} and mtime ${stats.mtimeMs}`;
  if (stats.isSymbolicLink()) return void readlinkSync(path);
  const modes = stats.isDirectory() ? [0o755] : [0o644, 0o755];
  if (!modes.includes(stats.mode & 0o7777) || stats.mtimeMs !== 1000) throw new Error(shown());
  if (!stats.isDirectory()) return;
  for (const name of readdirSync(path, { encoding: "buffer" })) {
    verifyStats(Buffer.concat([path, Buffer.from("/"), name]));
  }
}
