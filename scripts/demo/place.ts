import { execFileSync } from "node:child_process";
import { copyFileSync, lstatSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../bundle.ts";
import { demoConfig } from "./config.ts";

const CONFIG = "pikaci.config.json";

/** A directory that holds all that the demo makes outside of Nix's store. */
export interface DemoPlace {
  readonly dir: string;
  /** A copy of this repository's files as they are now, without its history. */
  readonly tree: string;
  /** How many files. */
  readonly count: number;
  /** The configuration beside the tree, as it is typed there. */
  readonly config: string;
  /** For pikaci's processes: what they remember lies in `dir`, too. */
  readonly env: NodeJS.ProcessEnv;
}

export function makePlace(): DemoPlace {
  const dir = mkdtempSync(join(tmpdir(), "pikaci-demo-"));
  const tree = join(dir, "pikaci");
  mkdirSync(tree);
  const paths = filesOf(ROOT);
  for (const path of paths) copy(join(ROOT, path), join(tree, path));
  writeFileSync(join(dir, CONFIG), `${JSON.stringify(demoConfig(join(dir, "host")), null, 2)}\n`);
  const env = { ...process.env, XDG_CACHE_HOME: join(dir, "cache"), XDG_STATE_HOME: join(dir, "state") };
  return { dir, tree, count: paths.length, config: `../${CONFIG}`, env };
}

/** Tracked and untracked files, less ignored ones and those that are deleted. */
function filesOf(root: string): string[] {
  const listed = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const names = execFileSync("git", listed, { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 });
  const paths = new Set(names.split("\0").filter((name) => name !== ""));
  return [...paths].filter((path) => lstatSync(join(root, path), { throwIfNoEntry: false })?.isFile());
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
