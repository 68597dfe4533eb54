import type { Snapshot, SnapshotEntry } from "./snapshot.ts";

/** The directory with a snapshot's files. Throws Error where they are not on this machine: callers must not ask then. */
export function workspaceOf({ workspace }: Pick<Snapshot, "workspace">): string {
  if (workspace === null) throw new Error("the files of a remembered snapshot were asked for");
  return workspace;
}

/** The directory with an entry's file. Throws Error like `workspaceOf`. */
export function placeOf(snapshot: Snapshot, { path }: Pick<SnapshotEntry, "path">): string {
  const { gitDirectory } = snapshot;
  return gitDirectory !== undefined && path.startsWith(".git/") ? gitDirectory : workspaceOf(snapshot);
}
