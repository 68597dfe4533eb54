import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../../scripts/bundle.ts";
import { copyTree } from "../../scripts/copy-tree.ts";
import { type Completed, run } from "../lab/command.ts";
import { HOST_PATH } from "../lab/host.ts";
import { openOwnedDir } from "../lab/owner.ts";
import { cacheDir, cachedTree } from "../lab/root.ts";
import { nodeHere, takeFromHere } from "./here.ts";

const SUITE = "bookworm";
/** Beyond Debian's smallest: git, and the certificates that npm needs of any machine. */
const PACKAGES = ["git", "ca-certificates"];
const SIZE = "6g";
const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Runs a shell script as root on a machine of its own that has Debian 12 with git, Node and npm, and a clone of this
 * tree, as it is now, in ~/pikaci. It shares this machine's network; all it leaves is gone when it ends.
 */
export async function onFreshMachine(script: string): Promise<Completed> {
  const root = await freshRoot();
  const owned = openOwnedDir();
  try {
    mkdirSync(join(owned.path, "mnt"));
    takeFromHere(join(owned.path, "files"));
    cloneInto(join(owned.path, "files/root/pikaci"));
    const namespaces = ["--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child=KILL"];
    const clean = ["env", "-i", `PATH=${HOST_PATH}`];
    const { node, npm } = nodeHere();
    const enter = ["bash", file("enter.sh"), root, owned.path, SIZE, node, npm, script];
    return await run("setpriv", ["--pdeathsig", "KILL", ...clean, "unshare", ...namespaces, ...enter]);
  } finally {
    await owned.release();
  }
}

/** Built anew each day, because packages change; the roots of earlier days go. */
function freshRoot(): Promise<string> {
  const name = `fresh-${new Date().toISOString().slice(0, 10)}`;
  mkdirSync(cacheDir(), { recursive: true });
  for (const old of readdirSync(cacheDir()).filter(
    (one) => one.startsWith("fresh-") && !one.startsWith(name),
  ))
    rmSync(join(cacheDir(), old), { recursive: true, force: true });
  return cachedTree({ name, suite: SUITE, packages: PACKAGES, builder: file("build-root.sh") });
}

/** What a clone would be once this tree was committed as it is. */
function cloneInto(clone: string): void {
  execFileSync("git", ["clone", "--quiet", "--no-checkout", ROOT, clone]);
  copyTree(ROOT, clone);
  const git = (...args: string[]) => execFileSync("git", ["-C", clone, ...args]);
  git("add", "--all");
  const author = ["-c", "user.name=fresh", "-c", "user.email=fresh@example.org"];
  git(...author, "commit", "--quiet", "--allow-empty", "--no-verify", "-m", "as it is here");
}
