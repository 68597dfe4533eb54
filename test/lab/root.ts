import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianArchive, parseAptSources } from "./archive.ts";
import { must } from "./command.ts";

export const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const BUILDER = fileURLToPath(new URL("build-root.sh", import.meta.url));
const LAYER_BUILDER = fileURLToPath(new URL("build-layer.sh", import.meta.url));
const LAYER_PACKAGES = ["qemu-system-x86", "virtiofsd", "passt"];
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
export function cachedRoot(suite: string): Promise<string> {
  return cached(suite, suite, BUILDER, PACKAGES);
}

/** What lies under a root file system so that the host can boot virtual machines: QEMU and a kernel. */
export function cachedLayer(suite: string, kernel: string): Promise<string> {
  return cached(`${suite}-vm`, suite, LAYER_BUILDER, [...LAYER_PACKAGES, kernel]);
}

async function cached(
  name: string,
  suite: string,
  builder: string,
  packages: readonly string[],
): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pikaci-lab");
  const recipe = createHash("sha256").update(readFileSync(builder)).update(packages.join(",")).digest("hex");
  const final = join(cache, `${name}-${recipe.slice(0, 12)}`);
  if (existsSync(final)) return final;
  mkdirSync(cache, { recursive: true });
  process.stderr.write(`lab: building ${name} from Debian ${suite} (once, about 30 s)\n`);
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
  const build = ["bash", builder, final, suite, packages.join(","), KEYRING, archiveOfThisMachine() ?? ""];
  await must("setpriv", [...tied, "flock", `${final}.lock`, ...build]);
  return final;
}
