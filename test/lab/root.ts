import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianArchive, parseAptSources } from "./archive.ts";
import { must } from "./command.ts";

export const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const BUILDER = fileURLToPath(new URL("build-root.sh", import.meta.url));
const PACKAGES =
  "nix-bin openssh-server bubblewrap util-linux busybox-static b3sum zstd git procps tar iproute2 rsync".split(
    " ",
  );

/** Debian's mirror as this machine's own apt knows it. */
export function archiveOfThisMachine(): string | undefined {
  const dir = "/etc/apt/sources.list.d";
  const more = existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : [];
  const files = ["/etc/apt/sources.list", ...more].filter((file) => /\.(list|sources)$/.test(file));
  const present = files.filter((file) => existsSync(file));
  return debianArchive(present.flatMap((file) => parseAptSources(file, readFileSync(file, "utf8"))));
}

/**
 * The cached root file system of a Debian suite, built first if need be (about 30 s). Read-only by
 * contract. Any number of processes may ask at once: one builds under a lock, the others wait.
 */
export async function cachedRoot(suite: string): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pikaci-lab");
  const recipe = createHash("sha256").update(readFileSync(BUILDER)).update(PACKAGES.join(",")).digest("hex");
  const final = join(cache, `${suite}-${recipe.slice(0, 12)}`);
  if (existsSync(final)) return final;
  mkdirSync(cache, { recursive: true });
  process.stderr.write(`lab: building the root file system of Debian ${suite} (once, about 30 s)\n`);
  // A pid namespace under a parent-death signal: nothing goes on building for a dead test.
  const tied = [
    "--pdeathsig",
    "KILL",
    "unshare",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
  ];
  const build = ["bash", BUILDER, final, suite, PACKAGES.join(","), KEYRING, archiveOfThisMachine() ?? ""];
  await must("setpriv", [...tied, "flock", `${final}.lock`, ...build]);
  return final;
}
