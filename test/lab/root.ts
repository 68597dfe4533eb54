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

/** A tree that is built from a Debian suite once. */
export interface CachedTree {
  /** Its place in the cache begins with it. */
  readonly name: string;
  readonly suite: string;
  readonly packages: readonly string[];
  /** A script: FINAL SUITE PACKAGES KEYRING URI. */
  readonly builder: string;
}

/**
 * The cached root file system of a Debian suite, built first if need be (about 30 s). Read-only by
 * contract. Any number of processes may ask at once: one builds under a lock, the others wait.
 */
export function cachedRoot(suite: string): Promise<string> {
  return cachedTree({ name: suite, suite, packages: PACKAGES, builder: BUILDER });
}

/** What lies under a root file system so that the host can boot virtual machines: QEMU and a kernel. */
export function cachedLayer(suite: string, kernel: string): Promise<string> {
  const packages = [...LAYER_PACKAGES, kernel];
  return cachedTree({ name: `${suite}-vm`, suite, packages, builder: LAYER_BUILDER });
}

/** Where built trees lie. */
export const cacheDir = () => join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pikaci-lab");

/** The directory of a tree, built first if it is not there. */
export async function cachedTree({ name, suite, packages, builder }: CachedTree): Promise<string> {
  const recipe = createHash("sha256").update(readFileSync(builder)).update(packages.join(",")).digest("hex");
  const final = join(cacheDir(), `${name}-${recipe.slice(0, 12)}`);
  if (existsSync(final)) return final;
  mkdirSync(cacheDir(), { recursive: true });
  process.stderr.write(`lab: building ${name} from Debian ${suite} (once, about 30 s)\n`);
  // A pid namespace under a parent-death signal: nothing goes on building for a dead test.
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const tied = ["--pdeathsig", "KILL", "unshare", ...namespaces];
  const build = ["bash", builder, final, suite, packages.join(","), KEYRING, archiveOfThisMachine() ?? ""];
  await must("setpriv", [...tied, "flock", `${final}.lock`, ...build]);
  return final;
}
