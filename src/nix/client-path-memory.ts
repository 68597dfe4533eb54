import { join } from "node:path";
import * as z from "zod";
import type { Context, Memory } from "../core/context.ts";
import { type ContentHash, parseContentHash, parseStorePath, type StorePath } from "../core/ids.ts";
import type { HostSpec } from "../core/project.ts";
import { readJson, writeJson } from "../system/client-files.ts";
import { putManifest } from "../tree/manifest/store.ts";
import type { HashedPath } from "./hash-path.ts";

/** `client-paths.json`. */
const schema = z.object({
  schema_version: z.literal(1),
  /** Store paths by `KIND:CONTENT HASH:NAME`. */
  paths: z.record(z.string(), z.string()),
  /** What hosts were sent of a path, the newest first, by `sentFrom`. */
  sent: z.record(z.string(), z.array(z.string())).default({}),
});
type Remembered = z.infer<typeof schema>;

const FILE = "client-paths.json";
const LIMIT = 100;
/** As many as are looked at for one to start from. */
const SENT_LIMIT = 4;
const EMPTY: Remembered = { schema_version: 1, paths: {}, sent: {} };

type Place = Pick<Context, "memory">;

/** The store path of a content under a name; null when it is not remembered. */
export function knownStorePath(hashed: HashedPath, name: string, context: Place): StorePath | null {
  const known = read(context).paths[identityOf(hashed, name)];
  return known === undefined ? null : parseStorePath(known);
}

/** Remembers a store path, and what is in it. InfraError("client"). */
export function rememberStorePath(
  hashed: HashedPath,
  name: string,
  storePath: StorePath,
  context: Pick<Context, "memory" | "clock">,
): void {
  const { contentHash, manifest } = hashed.hashed;
  putManifest(pathMemory(context.memory), contentHash, manifest, context.clock());
  const remembered = read(context);
  write({ ...remembered, paths: { ...remembered.paths, [identityOf(hashed, name)]: storePath } }, context);
}

/** The content that a store path has been made of; null when it is not remembered. */
export function contentOf(storePath: string, context: Place): ContentHash | null {
  const found = Object.entries(read(context).paths).find(([, path]) => path === storePath);
  return found === undefined ? null : parseContentHash(found[0].split(":")[1] ?? "");
}

/** A client path on its way to a host, of which each work dir has snapshots of its own. */
export function sentFrom({ url, workDir }: Pick<HostSpec, "url" | "workDir">, realPath: string): string {
  return workDir === null ? `${url} ${realPath}` : `${url} ${workDir} ${realPath}`;
}

/** What was sent from a `sentFrom`, the newest first. */
export function sentBefore(place: string, context: Place): ContentHash[] {
  return (read(context).sent[place] ?? []).map(parseContentHash);
}

export function rememberSent(place: string, hash: ContentHash, context: Place): void {
  const remembered = read(context);
  const { [place]: before = [], ...others } = remembered.sent;
  const hashes = [hash, ...before.filter((one) => one !== hash)].slice(0, SENT_LIMIT);
  write({ ...remembered, sent: { ...others, [place]: hashes } }, context);
}

/** The manifests of client paths are remembered beside those of the workspace, which they must not push out. */
export function pathMemory(memory: Memory): Memory {
  const { directory } = memory;
  return { ...memory, directory: directory === null ? null : join(directory, "client-paths") };
}

function identityOf({ kind, hashed }: HashedPath, name: string): string {
  return `${kind}:${hashed.contentHash}:${name}`;
}

/** What cannot be read is empty. */
function read({ memory: { directory } }: Place): Remembered {
  if (directory === null) return EMPTY;
  try {
    return schema.parse(readJson(join(directory, FILE)));
  } catch {
    return EMPTY;
  }
}

function write({ paths, sent }: Remembered, { memory: { directory } }: Place): void {
  if (directory === null) return;
  const newest = (record: object) => Object.fromEntries(Object.entries(record).slice(-LIMIT));
  writeJson(join(directory, FILE), { schema_version: 1, paths: newest(paths), sent: newest(sent) });
}
