import { existsSync, linkSync, renameSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import type { Context } from "../../core/context.ts";
import { blake3Hex } from "../../system/blake3.ts";
import { changedAt, listDirectory, makeDirectory, removeTree } from "../../system/client-files.ts";
import { codeOf } from "../../system/error-code.ts";
import { askGit, type WorkTree } from "../../system/git.ts";
import { askHistory } from "./ask.ts";
import { idList } from "./objects.ts";
import type { GitState } from "./state.ts";

/** The objects of one pack, chosen so that they change together. */
type Group = readonly string[];

/** About how many objects share a pack. */
const TOGETHER = 64;
const MOST_BITS = 8;

/**
 * Groups blobs by the beginning of their ids, into at most 256 groups. After a change of one file, one pack is new, and the host
 * has the others.
 */
export function groupBlobs(ids: Iterable<string>): Group[] {
  const unique = [...new Set(ids)].sort();
  const bits = Math.min(MOST_BITS, Math.max(0, Math.ceil(Math.log2(unique.length / TOGETHER))));
  const groups = new Map<number, string[]>();
  for (const id of unique) {
    const key = Number.parseInt(id.slice(0, 2), 16) >>> (8 - bits);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [id]);
    else group.push(id);
  }
  return [...groups.values()];
}

/** Raise it when the same objects give another pack than before. */
const PACK_VERSION = 1;

/** A pack's name, which depends on its objects alone. */
export function packName(group: Group, format: GitState["format"]): string {
  const digits = format === "sha1" ? 40 : 64;
  return `pack-${blake3Hex(Buffer.from([`pikaci-pack/${PACK_VERSION}`, ...group].join("\n"))).slice(0, digits)}`;
}

/** Makes equal bytes from equal objects, wherever the repository has them: nothing of its packs is reused. */
const settings = [
  ["pack.compression", "1"],
  ["pack.threads", "1"],
  ["pack.indexVersion", "2"],
  ["pack.packSizeLimit", "0"],
  ["pack.writeReverseIndex", "false"],
  ["core.bigFileThreshold", "512m"],
].flatMap(([name, value]) => ["-c", `${name}=${value}`]);
const packWords = [
  "pack-objects",
  "--quiet",
  "--stdout",
  "--window=0",
  "--no-reuse-delta",
  "--no-reuse-object",
];

/** Makes a pack of each group in the repository `made`; `kept` is the directory of earlier runs' packs, or null. */
export async function makePacks(
  groups: readonly Group[],
  made: WorkTree,
  kept: string | null,
  state: GitState,
  context: Context,
): Promise<void> {
  const directory = join(made.directory, ".git/objects/pack");
  const limit = pLimit(4);
  const make = async (group: Group) => {
    const name = packName(group, state.format);
    if (kept !== null && linkPack(kept, directory, name)) return name;
    await makePack(group, made, name, state, context);
    if (kept !== null) linkPack(directory, kept, name);
    return name;
  };
  if (kept !== null) makeDirectory(kept);
  const names = await Promise.all(groups.map((group) => limit(() => make(group))));
  if (kept !== null) forget(kept, new Set(names), context.clock());
}

/** Reads the pack from git's stdout, since git would otherwise write into the workspace's repository first. */
async function makePack(
  group: Group,
  made: WorkTree,
  name: string,
  { tree }: GitState,
  context: Context,
): Promise<void> {
  const plain = { ...tree, settings: [...tree.settings, ...settings] };
  const pack = await askHistory(plain, packWords, context, { input: idList(group) });
  const said = await askGit({ ...made, settings }, ["index-pack", "--threads=1", "--stdin"], context, {
    input: pack,
  });
  const hash = said.toString("latin1").trim().split("\t")[1];
  const directory = join(made.directory, ".git/objects/pack");
  for (const end of ENDS) renameSync(join(directory, `pack-${hash}${end}`), join(directory, name + end));
}

/** The index comes last: without it, a pack does not count. */
const ENDS = [".pack", ".idx"];

/** False where there is none. */
function linkPack(from: string, to: string, name: string): boolean {
  if (ENDS.some((end) => !existsSync(join(from, name + end)))) return false;
  for (const end of ENDS) linkUnlessThere(join(from, name + end), join(to, name + end));
  return true;
}

/** Makes a hard link; another run may have made it before. */
function linkUnlessThere(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
}

/** After this long, in milliseconds, no other run can still need a pack that this run does not use. */
const STALE_MS = 86_400_000;

function forget(kept: string, used: ReadonlySet<string>, now: Date): void {
  for (const file of listDirectory(kept)) {
    const changed = changedAt(join(kept, file));
    const isOld = changed !== null && changed.getTime() + STALE_MS < now.getTime();
    if (isOld && !used.has(file.replace(/\.[a-z]+$/, ""))) removeTree(join(kept, file));
  }
}
