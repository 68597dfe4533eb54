import { existsSync, lstatSync, readdirSync, readFileSync, type Stats, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../../src/system/error-code.ts";
import type { LabHost } from "./host.ts";

/** What is watched: a host of the lab, or this machine. */
export type Watched = Pick<LabHost, "exec" | "processes" | "homeDir" | "rootDir">;

/**
 * Does `action` while looking at every command line of a host for `text`, and at all that lies in its work dir; then also
 * at `places`. Lets a job that prints it (`PRINT_SECRET`) go once its log was looked at. Where it was seen.
 */
export async function sightings(
  host: Watched,
  text: string,
  action: () => Promise<unknown>,
  places: readonly string[] = ["/tmp", "/run", "/var/log"],
): Promise<string[]> {
  const seen = new Set<string>();
  const look = watchFiles(join(host.rootDir, host.homeDir, ".local/state/pikaci"), text);
  let over = false;
  const watch = (async () => {
    while (!over) {
      const began = performance.now();
      for (const { args } of await host.processes()) if (args.includes(text)) seen.add(`process: ${args}`);
      for (const file of look()) seen.add(file);
      await sleep(Math.max(50, 3 * (performance.now() - began)));
    }
  })();
  try {
    await action();
  } finally {
    over = true;
    await watch;
  }
  for (const file of look()) seen.add(file);
  const { stdout } = await host.exec(`grep -rl -e "${unseen(text)}" ${places.join(" ")}`);
  return [...seen, ...stdout.split("\n").filter((line) => line !== "")];
}

/** A pattern for `text` that is not found in the command line of the one who looks. */
const unseen = (text: string) => `[${text.slice(0, 1)}]${text.slice(1)}`;

/** Larger files hold what jobs write by the megabyte. */
const LARGEST = 20_000 * 1024;
/** More than the log of a job that prints it has. */
const LARGEST_PRINTED = 1_000_000;
/** A file may change within this time and keep its times and size. */
const RACY_MS = 100;

/**
 * Gives a function that names the files of a work dir that hold `text`. It reads them here, without a process on the host,
 * and again only once they have changed. Who has printed it is known before they are read, and let go after that.
 */
function watchFiles(workDir: string, text: string): () => string[] {
  const clean = new Map<string, string>();
  const holds = ([file, stats]: Found): boolean => {
    const version = `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
    if (clean.get(file) === version) return false;
    const found = read(file).includes(text);
    if (!found && stats.ctimeMs < Date.now() - RACY_MS) clean.set(file, version);
    return found;
  };
  return () => {
    const waiting = filesBelow(join(workDir, "runs")).flatMap(jobThatPrinted);
    const found = filesBelow(workDir).filter(holds);
    for (const dir of waiting) writeFileSync(join(dir, "artifacts/seen"), "");
    return found.map(([file]) => file);
  };
}

/** The directory of a job that waits for what it printed to be seen. */
function jobThatPrinted([file, { size }]: Found): string[] {
  const [, dir] = /^(.*\/jobs\/[^/]+)\/log$/.exec(file) ?? [];
  if (dir === undefined || size > LARGEST_PRINTED || existsSync(join(dir, "artifacts/seen"))) return [];
  return existsSync(join(dir, "artifacts")) && /^printed$/m.test(read(file).toString()) ? [dir] : [];
}

/** The bytes of a path, one a character; what `lstat` says of it. */
type Found = readonly [string, Stats];

/** Regular files on the same file system. */
function filesBelow(dir: string, device = stats(dir)?.dev): Found[] {
  const names = orElse([], () => readdirSync(bytes(dir), "latin1"));
  return names.flatMap((name): Found[] => {
    const path = join(dir, name);
    const found = stats(path);
    if (found === null || found.dev !== device) return [];
    if (found.isDirectory()) return filesBelow(path, device);
    return found.isFile() && found.size < LARGEST ? [[path, found]] : [];
  });
}

const bytes = (path: string) => Buffer.from(path, "latin1");
const stats = (path: string) => orElse(null, () => lstatSync(bytes(path)));
const read = (file: string) => orElse(Buffer.alloc(0), () => readFileSync(bytes(file)));

/** What lies in a work dir may go while it is looked at. */
function orElse<T>(otherwise: T, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EISDIR", "ESRCH"].includes(codeOf(error) ?? "")) return otherwise;
    throw error;
  }
}
