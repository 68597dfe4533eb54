import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../lab/command.ts";
import { sshClients } from "../lab/leftovers.ts";
import type { Case } from "./grid.ts";
import { type Publisher, startPublisher } from "./publisher.ts";
import { besides, processesOf } from "./remote.ts";
import { publishTo, type Site } from "./site.ts";

/** One case under way: a work dir on a small disk of its own, a reader, and the publisher to be hurt. */
export interface Scene {
  readonly site: Site;
  readonly workDir: string;
  readonly stateDir: string;
  readonly publisher: Publisher;
  /** Lets what waits on the host go on: the rename, the lock. */
  release(): void;
  /** Ends the reader; gives its last words and what it saw that was wrong. */
  readerSaid(): Promise<{ readonly wrong: readonly string[]; readonly looks: string }>;
  /** Processes of the host that were there before the case. */
  readonly before: ReadonlySet<number>;
}

const FLAGS = ["before-mv", "after-mv", "at-mv", "locked", "read"];

/** Sets the scene and brings the publisher to its step. */
export async function openScene(site: Site, { step, mode }: Case): Promise<Scene> {
  const { host } = site;
  const workDir = `${host.homeDir}/faults`;
  const stateDir = site.makeStateDir();
  const before = new Set(processesOf(host).map(({ pid }) => pid));
  await host.mountSmallDisk(workDir, "64m");
  if (mode !== "cold") {
    const memory = mode === "delta" ? stateDir : site.makeStateDir();
    await publishTo(site, workDir, mode === "repair" ? site.target : site.base, memory);
  }
  if (mode === "cold")
    await host.exec(`mkdir -p ${workDir}/locks ${workDir}/snapshots; : >${workDir}/pikaci-work-dir`, {
      user: host.user,
    });
  const readerSaid = startReader(site, workDir);
  if (step === "before-mv" || step === "after-mv") raise(site, step);
  if (step === "lock-wait") await takeLock(site, workDir);
  const { targetTree: tree, halfBytes } = site;
  const request = { url: host.url, workDir, tree, stateDir, step, halfBytes, repair: mode === "repair" };
  const publisher = startPublisher(request, site.context(stateDir).env);
  const release = () => lower(site, ["before-mv", "after-mv", "locked"]);
  const scene = { site, workDir, stateDir, publisher, release, readerSaid, before };
  await reach(scene, step);
  return scene;
}

async function reach({ site, publisher }: Scene, step: Case["step"]): Promise<void> {
  if (step !== "before-mv" && step !== "after-mv") return publisher.atStep;
  const renaming = waitFor("mv is reached", 30, () => (isRaised(site, "at-mv") ? true : undefined));
  await Promise.race([renaming, publisher.atStep]);
}

/** Ends everything, also after a case that failed, and gives what could not be ended. */
export async function closeScene({ site, workDir, publisher, release }: Scene): Promise<string[]> {
  publisher.signal("SIGKILL");
  await publisher.ended;
  release();
  lower(site, FLAGS);
  const { exitCode, stderr } = await site.host.exec(`umount ${workDir}`);
  return exitCode === 0 ? [] : [`the work dir is still in use: ${stderr.trim()}`];
}

/** What runs on the host since the case began, and what the clients have left on this machine. */
export function stillThere({ site, before }: Scene): string[] {
  const remote = besides(processesOf(site.host), "faults-reader").filter(({ pid }) => !before.has(pid));
  return [
    ...remote.map(({ args }) => `host process ${args.slice(0, 100)}`),
    ...sshClients(site.host.address).map((args) => `client process ${args.slice(0, 100)}`),
    ...readdirSync(site.tmp)
      .filter((name) => !name.startsWith("tsx-"))
      .map((name) => `client file ${name}`),
  ];
}

function flag(site: Site, name: string): string {
  return join(site.host.rootDir, "run/faults", name);
}

function raise(site: Site, name: string): void {
  writeFileSync(flag(site, name), "");
}

function isRaised(site: Site, name: string): boolean {
  return readdirSync(flag(site, ".")).includes(name);
}

function lower(site: Site, names: readonly string[]): void {
  for (const name of names) rmSync(flag(site, name), { force: true });
}

function startReader(site: Site, workDir: string): Scene["readerSaid"] {
  raise(site, "read");
  const reading = site.host.exec(`faults-reader ${workDir} /run/faults/expected /run/faults/read`);
  return async () => {
    lower(site, ["read"]);
    const { stdout, stderr } = await reading;
    const lines = stdout.split("\n").filter(Boolean);
    const looks = lines.pop() ?? "";
    const few = /^looked [1-9]\d* times/.test(looks) ? [] : [`the reader did not look: ${looks} ${stderr}`];
    return { wrong: [...new Set([...lines, ...few])], looks };
  };
}

/** Another client's lock on the target, until it is released. */
async function takeLock(site: Site, workDir: string): Promise<void> {
  raise(site, "locked");
  const lock = `${workDir}/locks/snapshots-${site.target.contentHash}`;
  const holder = "echo >/run/faults/has-lock; while [ -e /run/faults/locked ]; do sleep 0.05; done";
  lower(site, ["has-lock"]);
  const user = site.host.user;
  void site.host.exec(`flock ${lock} sh -c '${holder}'`, { user });
  await waitFor("the lock is taken", 10, () => (isRaised(site, "has-lock") ? true : undefined));
}
