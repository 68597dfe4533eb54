import type { Snapshot, SnapshotEntry } from "./snapshot.ts";

/** The directory that has a snapshot's files. Throws Error where they are not on this machine: nobody may ask then. */
export function workspaceOf({ workspace }: Pick<Snapshot, "workspace">): string {
  if (workspace === null) throw new Error("the files of a remembered snapshot were asked for");
  return workspace;
}

/** The directory that has the file of an entry. Throws Error as `workspaceOf`. */
export function placeOf(snapshot: Snapshot, { path }: Pick<SnapshotEntry, "path">): string {
  const { gitDirectory } = snapshot;
  return gitDirectory !== undefined && path.startsWith(".git/") ? gitDirectory : workspaceOf(snapshot);
}
