import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { hostSystem } from "../../src/operations/init/flake-checks.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const SOURCES =
  "LICENSE flake.lock flake.nix nix package-lock.json package.json schema scripts src tsconfig.json";

/** Debian's programs are seen in the sandbox of a build; nothing is asked of a binary cache. */
const SETTINGS = [
  "extra-experimental-features = nix-command flakes",
  "build-users-group =",
  "extra-sandbox-paths = /usr /lib /lib64 /bin /etc/ssl",
  "substitute = false",
].join("\n");

/** This repository as a flake, and the flake under test/fixtures that stands in for nixpkgs. */
export interface StandIn {
  readonly dir: string;
  /** `path:` reference of a copy of this repository's sources. */
  readonly flake: string;
  readonly env: NodeJS.ProcessEnv;
  /** Words that put the stand-in in the place of nixpkgs. */
  readonly instead: readonly string[];
  nix(
    cwd: string,
    ...words: string[]
  ): { readonly code: number; readonly stdout: string; readonly stderr: string };
  remove(): void;
}

/** `tarballs`: what npm has installed here is there to build the package from; without it, nothing downloads. */
export function openStandIn({ tarballs }: { readonly tarballs: boolean }): StandIn {
  const dir = mkdtempSync(join(tmpdir(), "pikaci-stand-in-"));
  for (const name of SOURCES.split(" "))
    cpSync(join(ROOT, name), join(dir, "pikaci", name), { recursive: true });
  cpSync(join(ROOT, "test/fixtures/nixpkgs"), join(dir, "nixpkgs"), { recursive: true });
  if (tarballs) fetchInstalled(dir);
  const env = { ...process.env, NIX_CONFIG: SETTINGS, XDG_CACHE_HOME: join(dir, "cache") };
  const nix = (cwd: string, ...words: string[]) => {
    const done = spawnSync("nix", words, { cwd, env, encoding: "utf8", maxBuffer: 2 ** 26 });
    return { code: done.status ?? 1, stdout: done.stdout, stderr: done.stderr };
  };
  return {
    dir,
    flake: `path:${join(dir, "pikaci")}`,
    env,
    instead: ["--no-write-lock-file", "--override-input", "nixpkgs", `path:${join(dir, "nixpkgs")}`],
    nix,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** By the package's own fetcher: npm has them in its cache. */
function fetchInstalled(dir: string): void {
  const lock = join(ROOT, "package-lock.json");
  const words = [join(ROOT, "nix/npm/fetch.mjs"), lock, hostSystem(), join(dir, "nixpkgs/tarballs")];
  execFileSync(process.execPath, words, { stdio: ["ignore", "inherit", "pipe"] });
}
