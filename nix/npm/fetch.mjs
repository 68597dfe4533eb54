// node fetch.mjs LOCK SYSTEM OUT: puts the tarballs that the package is made of on a system (x86_64-linux) into the
// directory OUT, each checked against the integrity in LOCK. npm fetches them, from whatever registry it is set up for;
// nothing is run.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tarballs } from "./lock.mjs";

const BATCH = 25;

function pack(specs, directory) {
  const words = ["pack", "--json", "--ignore-scripts", "--prefer-offline", "--pack-destination", directory];
  const options = { encoding: "utf8", maxBuffer: 2 ** 28, stdio: ["ignore", "pipe", "inherit"] };
  return JSON.parse(execFileSync("npm", [...words, ...specs], options));
}

function digest(algorithm, bytes) {
  return `${algorithm}-${createHash(algorithm).update(bytes).digest("base64")}`;
}

function keep({ spec, file, integrity }, fetched, stage, out) {
  const answer = fetched.find(({ name, version }) => `${name}@${version}` === spec);
  if (answer === undefined) throw new Error(`npm fetched nothing for ${spec}`);
  const from = join(stage, answer.filename);
  const found = digest(integrity.split("-")[0], readFileSync(from));
  if (!integrity.split(" ").includes(found))
    throw new Error(`${spec} is not what package-lock.json says: ${found} instead of ${integrity}`);
  renameSync(from, join(out, file));
}

const [lock, system, out] = process.argv.slice(2);
const wanted = tarballs(JSON.parse(readFileSync(lock, "utf8")), system);
mkdirSync(out, { recursive: true });
const stage = mkdtempSync(join(out, ".npm-"));
writeFileSync(join(stage, "package.json"), "{}");
for (let at = 0; at < wanted.length; at += BATCH) {
  const batch = wanted.slice(at, at + BATCH);
  const fetched = pack(
    batch.map(({ spec }) => spec),
    stage,
  );
  for (const one of batch) keep(one, fetched, stage, out);
}
rmSync(stage, { recursive: true });
