import { execFileSync, spawnSync } from "node:child_process";
import { lutimesSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { publishedTime } from "../../../src/core/layout.ts";
import type { HashedSnapshot, SnapshotFilters } from "../../../src/core/snapshot.ts";
import { workspaceOf } from "../../../src/core/workspace-of.ts";
import { copyTree } from "../../../src/tree/copy-tree.ts";
import { withGitDirectory } from "../../../src/tree/git-dir/git-tree.ts";
import { makeGitDirectory } from "../../../src/tree/git-dir/make.ts";
import { readGitState } from "../../../src/tree/git-dir/state.ts";
import { hash } from "../../../src/tree/hash.ts";
import { snapshot } from "../../../src/tree/snapshot.ts";
import { makeContext, makeDirectory } from "../../workspace.ts";

const env = {
  PATH: process.env.PATH,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_OPTIONAL_LOCKS: "0",
  LC_ALL: "C",
};

/** Git in a tree as a guest sees it. */
export class Guest {
  readonly directory: string;
  readonly contentHash: string;

  constructor(directory: string, contentHash: string) {
    this.directory = directory;
    this.contentHash = contentHash;
  }

  git(...args: string[]): string {
    return execFileSync("git", args, { cwd: this.directory, encoding: "utf8", env, stdio: "pipe" });
  }

  /** What git says when it fails. */
  fails(...args: string[]): string {
    const { status, stderr } = spawnSync("git", args, { cwd: this.directory, encoding: "utf8", env });
    if (status === 0) throw new Error(`git ${args.join(" ")} did not fail`);
    return stderr;
  }

  /** Ids of all objects. */
  objects(): string[] {
    const format = ["--batch-all-objects", "--batch-check=%(objectname)"];
    return this.git("cat-file", ...format)
      .split("\n")
      .slice(0, -1);
  }
}

/** The workspace's tree with its `.git`, with the times that are published. */
export async function guestOf(
  root: string,
  filters: SnapshotFilters = { include: [], exclude: [] },
  context = makeContext(),
): Promise<Guest> {
  const state = await readGitState(root, context);
  const hashed = await hash(await snapshot({ workspace: root, filters }, context), context);
  const directory = await makeGitDirectory(state, hashed, context);
  try {
    return publishAt(await withGitDirectory(hashed, directory, context), directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function publishAt({ snapshot, entries, contentHash }: HashedSnapshot, gitDirectory: string): Guest {
  const place = makeDirectory();
  const own = entries.filter(({ path }) => path.startsWith(".git/"));
  const others = entries.filter((entry) => !own.includes(entry));
  copyTree(workspaceOf(snapshot), others, place);
  copyTree(gitDirectory, own, place);
  for (const name of readdirSync(place, { recursive: true, encoding: "latin1" })) {
    const time = publishedTime(join("snapshot", name));
    lutimesSync(Buffer.concat([Buffer.from(`${place}/`), Buffer.from(name, "latin1")]), time, time);
  }
  return new Guest(place, contentHash);
}
