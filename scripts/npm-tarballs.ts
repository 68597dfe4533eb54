import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { digest } from "../nix/npm/lock.mjs";

const HELP = `npx tsx scripts/npm-tarballs.ts [--write] [--out DIR]

Fetches the tarball of every package of package-lock.json, for every system (about 0.5 GB), checks each against the
lock, and prints the Nix hash of their directory: what nix/package.nix fetches. Needs npm and nix.

  --write     records it in nix/npm/tarballs.json; to be run whenever package-lock.json changes
  --out DIR   keeps the tarballs there

Exit codes: 0 the recorded hash is right, or was written; 1 it is not.`;

const ROOT = resolve(import.meta.dirname, "..");
const RECORD = join(ROOT, "nix/npm/tarballs.json");
const LOCK = join(ROOT, "package-lock.json");

/** `lock` is a digest of what the tarballs are by package-lock.json: the hash belongs to that list alone. */
interface Recorded {
  readonly lock: string;
  readonly hash: string;
}

function directoryHash(directory: string): string {
  const words = ["--extra-experimental-features", "nix-command", "hash", "path", "--sri", directory];
  return execFileSync("nix", words, { encoding: "utf8" }).trim();
}

function measure(out: string): Recorded {
  execFileSync(process.execPath, [join(ROOT, "nix/npm/fetch.mjs"), LOCK, out], { stdio: "inherit" });
  return { lock: digest(JSON.parse(readFileSync(LOCK, "utf8"))), hash: directoryHash(out) };
}

function settle(found: Recorded, write: boolean): void {
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
    settle(measure(out), values.write);
  } finally {
    if (values.out === undefined) rmSync(out, { recursive: true, force: true });
  }
}
