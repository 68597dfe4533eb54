// node resolve.mjs DIRECTORY: makes the package-lock.json here take its tarballs from DIRECTORY.
import { readFileSync, writeFileSync } from "node:fs";
import { resolvedLock } from "./lock.mjs";

const [directory] = process.argv.slice(2);
const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
writeFileSync("package-lock.json", JSON.stringify(resolvedLock(lock, directory)));
