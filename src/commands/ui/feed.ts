import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { RunId } from "../../core/ids.ts";
import { jobFile, runDirectory, runFile } from "../../runs/layout.ts";
import { listDirectory } from "../../system/client-files.ts";

/** Something of a run's directory that has changed since it was last looked at. */
type Change =
  | { readonly type: "changed" }
  | { readonly type: "log"; readonly job: string | null; readonly file: "guest" | "host" };

/** Watches one run's files by looking at them: they are written by another process, on any file system. */
export class RunLook {
  readonly #directory: string;
  readonly #seen = new Map<string, string>();

  constructor(stateDir: string, run: RunId) {
    this.#directory = runDirectory(stateDir, run);
    this.changes();
  }

  /** What is otherwise than at the last call. */
  changes(): Change[] {
    const directory = this.#directory;
    const documents = [runFile.record(directory), runFile.events(directory), runFile.plan(directory)];
    const changed = documents.filter((path) => this.#isNew(path)).length > 0;
    const logs = listDirectory(join(directory, "jobs")).flatMap((job) => {
      const place = join(directory, "jobs", job);
      return [
        { job, file: "guest" as const, path: jobFile.guestLog(place) },
        { job, file: "host" as const, path: jobFile.hostLog(place) },
      ];
    });
    const own = { job: null, file: "host" as const, path: runFile.hostLog(directory) };
    const grown = [own, ...logs].filter(({ path }) => this.#isNew(path));
    return [
      ...(changed ? [{ type: "changed" as const }] : []),
      ...grown.map(({ job, file }) => ({ type: "log" as const, job, file })),
    ];
  }

  #isNew(path: string): boolean {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    const stamp = stat === undefined ? "absent" : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
    const before = this.#seen.get(path);
    this.#seen.set(path, stamp);
    return before !== stamp;
  }
}
