// What a package-lock.json says of the packages' tarballs; it records no addresses.
import { createHash } from "node:crypto";

/** Every distinct tarball: `spec` as npm is asked for it, `file` as it is kept, `integrity` as the lock has it. */
export function tarballs(lock) {
  const found = Object.entries(lock.packages)
    .filter(([path]) => path !== "")
    .map(([path, entry]) => tarball(path, entry));
  const byFile = new Map(found.map((one) => [one.file, one]));
  return [...byFile.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** Changes when a tarball does; what nix/npm/tarballs.json records the Nix hash for. */
export function digest(lock) {
  const lines = tarballs(lock).map(({ file, integrity }) => `${file} ${integrity}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

function tarball(path, { name, version, integrity }) {
  const called = name ?? path.replace(/^.*node_modules\//, "");
  if (integrity === undefined) throw new Error(`package-lock.json has no integrity for ${path}`);
  return { spec: `${called}@${version}`, file: fileName(called, version), integrity };
}

function fileName(name, version) {
  return `${name.replace(/^@/, "").replace("/", "+")}-${version}.tgz`;
}

/** The same lock with the tarballs of a directory in place of a registry, for an `npm ci --offline`. */
export function resolvedLock(lock, directory) {
  const packages = Object.entries(lock.packages).map(([path, entry]) => {
    if (path === "") return [path, entry];
    return [path, { ...entry, resolved: `file:${directory}/${tarball(path, entry).file}` }];
  });
  return { ...lock, packages: Object.fromEntries(packages) };
}
