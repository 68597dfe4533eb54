import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../bundle.ts";
import { copyTree } from "../copy-tree.ts";
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
  const count = copyTree(ROOT, tree);
  writeFileSync(join(dir, CONFIG), `${JSON.stringify(demoConfig(join(dir, "host")), null, 2)}\n`);
  const env = { ...process.env, XDG_CACHE_HOME: join(dir, "cache"), XDG_STATE_HOME: join(dir, "state") };
  return { dir, tree, count, config: `../${CONFIG}`, env };
}
