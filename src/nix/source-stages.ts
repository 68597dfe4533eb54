import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { Memory } from "../core/context.ts";
import { InfraError } from "../core/errors.ts";
import { listDirectory, removeTree } from "../system/client-files.ts";
import { liveness, thisProcess } from "../system/process-identity.ts";

type Directory = Pick<Memory, "directory">;

/** Where flakes' sources of a workspace are rooted, and staged before that. InfraError where nothing is remembered. */
export function sourcesDirectory({ directory }: Directory): string {
  if (directory !== null) return join(directory, "sources");
  throw new InfraError("client", "building on this machine needs a directory to keep sources in", {
    hint: "set XDG_CACHE_HOME to a directory of this account, as an absolute path",
  });
}

/** The links that root sources, with their last use. */
export function sourceRoots(memory: Directory): { name: string; link: string; usedAt: Date }[] {
  if (memory.directory === null) return [];
  const directory = sourcesDirectory(memory);
  return listDirectory(directory).flatMap((name) => {
    const link = join(directory, name);
    const stat = lstatSync(link, { throwIfNoEntry: false });
    return stat?.isSymbolicLink() ? [{ name, link, usedAt: stat.mtime }] : [];
  });
}

/** A name that tells which process of which machine, boot and PID namespace makes the thing. */
export function stageName(what: string): string {
  const { pid, started, hostname } = thisProcess();
  return `.${pid}~${started.replaceAll("/", "~")}~${hostname}~${what}`;
}

/** Whether the process that made such a name is dead for certain. */
export function isAbandoned(name: string): boolean {
  if (!/^\.\d+~/.test(name)) return false;
  const parts = name.slice(1).split("~");
  const [pid = "", hostname = ""] = [parts[0], parts.at(-2)];
  return liveness({ pid: Number(pid), started: parts.slice(1, -2).join("/"), hostname }) === "dead";
}

/** Removes what processes that were killed have left; gives the names. InfraError("client"). */
export function sweepSources(memory: Directory): string[] {
  if (memory.directory === null) return [];
  const directory = sourcesDirectory(memory);
  const abandoned = listDirectory(directory).filter(isAbandoned);
  for (const name of abandoned) removeTree(join(directory, name));
  return abandoned;
}
