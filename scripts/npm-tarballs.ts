import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { digest, SYSTEMS } from "../nix/npm/lock.mjs";

const HELP = `npx tsx scripts/npm-tarballs.ts [--write] [--out DIR]

Fetches the tarballs that the Nix package is made of, for each system that the flake builds for (about 10 MB each), checks
each against package-lock.json, and prints the Nix hash of each system's directory: what nix/package.nix fetches. Needs npm
and nix.

  --write     records them in nix/npm/tarballs.json; to be run whenever package-lock.json changes
  --out DIR   keeps the tarballs there, a directory for each system

Exit codes: 0 what is recorded is right, or was written; 1 it is not.`;

const ROOT = resolve(import.meta.dirname, "..");
const RECORD = join(ROOT, "nix/npm/tarballs.json");
const LOCK = join(ROOT, "package-lock.json");

/** `lock` is a digest of what the tarballs are by package-lock.json: the hash belongs to that list alone. */
interface Recorded {
  readonly lock: string;
  readonly hash: string;
  readonly bytes: number;
}

function directoryHash(directory: string): string {
  const words = ["--extra-experimental-features", "nix-command", "hash", "path", "--sri", directory];
  return execFileSync("nix", words, { encoding: "utf8" }).trim();
}

function measure(system: string, out: string): Recorded {
  const words = [join(ROOT, "nix/npm/fetch.mjs"), LOCK, system, out];
  execFileSync(process.execPath, words, { stdio: "inherit" });
  const bytes = readdirSync(out).reduce((sum, name) => sum + statSync(join(out, name)).size, 0);
  return { lock: digest(JSON.parse(readFileSync(LOCK, "utf8")), system), hash: directoryHash(out), bytes };
}

function settle(found: Readonly<Record<string, Recorded>>, write: boolean): void {
  const text = `${JSON.stringify(found, null, 2)}\n`;
  process.stdout.write(text);
  if (write) writeFileSync(RECORD, text);
  else if (readFileSync(RECORD, "utf8") !== text) {
    console.error("nix/npm/tarballs.json says otherwise; `npx tsx scripts/npm-tarballs.ts --write` fixes it");
    process.exitCode = 1;
  }
}

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help) {
  console.log(HELP);
} else {
  const out = values.out === undefined ? mkdtempSync(join(tmpdir(), "pikaci-npm-")) : resolve(values.out);
  try {
    const found = Object.keys(SYSTEMS).map((system) => [system, measure(system, join(out, system))] as const);
    settle(Object.fromEntries(found), values.write);
  } finally {
    if (values.out === undefined) rmSync(out, { recursive: true, force: true });
  }
}
