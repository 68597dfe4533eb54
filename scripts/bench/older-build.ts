import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../bundle.ts";

interface OlderBuild {
  /** Its command line, bundled as it is shipped. */
  readonly cli: string;
  remove(): void;
}

/** Builds a commit in a worktree of its own. Its packages are those installed here, or come with `npm ci` where it locks others. */
export function buildCommit(commit: string): OlderBuild {
  const place = mkdtempSync(join(tmpdir(), "pikaci-bench-base-"));
  const tree = join(place, "tree");
  const git = (...words: string[]) => execFileSync("git", ["-C", ROOT, ...words], { stdio: "pipe" });
  const remove = () => {
    git("worktree", "remove", "--force", tree);
    rmSync(place, { recursive: true, force: true });
  };
  git("worktree", "add", "--quiet", "--detach", tree, commit);
  try {
    if (lockOf(tree) === lockOf(ROOT)) symlinkSync(join(ROOT, "node_modules"), join(tree, "node_modules"));
    else
      execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
        cwd: tree,
        stdio: "pipe",
      });
    const words = ["--import", import.meta.resolve("tsx"), "scripts/build.ts"];
    execFileSync(process.execPath, words, { cwd: tree, stdio: ["ignore", "ignore", "inherit"] });
  } catch (error) {
    remove();
    throw error;
  }
  const { bin } = JSON.parse(readFileSync(join(tree, "package.json"), "utf8")) as { bin: { pikaci: string } };
  return { cli: join(tree, bin.pikaci), remove };
}

function lockOf(tree: string): string {
  return readFileSync(join(tree, "package-lock.json"), "utf8");
}
