// node resolve.mjs DIRECTORY: makes package.json and package-lock.json here those of the package, whose lock takes its
// tarballs from DIRECTORY.
import { readFileSync, writeFileSync } from "node:fs";
import { packageManifest, resolvedLock } from "./lock.mjs";

const [directory] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(name, "utf8"));
const write = (name, value) => writeFileSync(name, JSON.stringify(value));
write("package-lock.json", resolvedLock(read("package-lock.json"), directory));
write("package.json", packageManifest(read("package.json")));
