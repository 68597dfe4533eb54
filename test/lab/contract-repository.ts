import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Rig } from "./rig.ts";

/** Of the workspace, and no file of its tree: a git for guests that have none, with the libraries it needs. */
export const GIT_PATH = "tools/git";

/** Commits the workspace as it is, but for the configuration, one commit after a tag; and puts a git beside it. */
export function commitAll(rig: Rig): void {
  writeFileSync(join(rig.dir, ".git/info/exclude"), "/pikaci.config.json\n/tools\n/.pikaci\n");
  const git = "git -c user.name=t -c user.email=t@example.org";
  // Older than the index, so that git there needs to read no file.
  rig.shell(`find . -path ./.git -prune -o -exec touch -h -d 2020-01-01T00:00:00Z {} +
    ${git} commit -q --allow-empty -m first && ${git} tag -a -m one v1.0
    ${git} add -A && ${git} commit -q -m second`);
  copyGit(join(rig.dir, GIT_PATH));
}

function copyGit(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const program = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  copyFileSync(program, join(directory, "git"));
  const words = execFileSync("ldd", [program], { encoding: "utf8" }).split(/\s+/);
  for (const file of new Set(words.filter((word) => word.startsWith("/"))))
    copyFileSync(file, join(directory, basename(file).startsWith("ld-linux") ? "ld" : basename(file)));
}
