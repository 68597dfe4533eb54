// What a package-lock.json says of the tarballs that the Nix package is made of; it records no addresses.
import { createHash } from "node:crypto";

const BUNDLER = "esbuild";

/** The systems that the flake builds for, in npm's words. */
export const SYSTEMS = {
  "aarch64-darwin": { os: "darwin", cpu: "arm64", libc: null },
  "aarch64-linux": { os: "linux", cpu: "arm64", libc: "glibc" },
  "x86_64-linux": { os: "linux", cpu: "x64", libc: "glibc" },
};

/** The lock of the runtime packages and the bundler, without the other developer tools. */
export function packageLock(lock) {
  const built = withNeeds(lock, [BUNDLER]);
  const kept = Object.entries(lock.packages).filter(
    ([path, entry]) => path === "" || entry.dev !== true || built.has(path),
  );
  const packages = kept.map(([path, entry]) =>
    path === "" ? [path, packageManifest(entry)] : [path, entry],
  );
  return { ...lock, packages: Object.fromEntries(packages) };
}

/** A package.json, or the lock's entry for it, whose only developer tool is the bundler. */
export function packageManifest({ devDependencies = {}, ...manifest }) {
  const own = Object.entries(devDependencies).filter(([name]) => name === BUNDLER);
  return { ...manifest, devDependencies: Object.fromEntries(own) };
}

/** Paths of packages and of all that they need; a developer tool's own needs lie beside it. */
function withNeeds({ packages }, names) {
  const paths = new Set();
  const add = (name) => {
    const path = `node_modules/${name}`;
    const entry = packages[path];
    if (entry === undefined || paths.has(path)) return;
    paths.add(path);
    for (const need of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) add(need);
  };
  names.forEach(add);
  return paths;
}

/** Every distinct tarball of a system: `spec` as npm is asked for it, `file` as it is kept, `integrity` as the lock has it. */
export function tarballs(lock, system) {
  const platform = SYSTEMS[system];
  if (platform === undefined) throw new Error(`${system} is none of ${Object.keys(SYSTEMS).join(", ")}`);
  const found = Object.entries(packageLock(lock).packages)
    .filter(([path, entry]) => path !== "" && fits(entry, platform))
    .map(([path, entry]) => tarball(path, entry));
  const byFile = new Map(found.map((one) => [one.file, one]));
  return [...byFile.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** Changes when a tarball does; what nix/npm/tarballs.json records the Nix hash for. */
export function digest(lock, system) {
  const lines = tarballs(lock, system).map(({ file, integrity }) => `${file} ${integrity}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

function fits({ os = [], cpu = [], libc = [] }, platform) {
  const has = (named, value) => named.length === 0 || named.includes(value);
  return (
    has(os, platform.os) && has(cpu, platform.cpu) && (platform.libc === null || has(libc, platform.libc))
  );
}

function tarball(path, { name, version, integrity }) {
  const called = name ?? path.replace(/^.*node_modules\//, "");
  if (integrity === undefined) throw new Error(`package-lock.json has no integrity for ${path}`);
  return { spec: `${called}@${version}`, file: fileName(called, version), integrity };
}

function fileName(name, version) {
  return `${name.replace(/^@/, "").replace("/", "+")}-${version}.tgz`;
}

/**
 * The package's lock with the tarballs of a directory in place of a registry, for an `npm ci --offline`. npm wants every
 * platform's entries, and opens its own tarballs alone.
 */
export function resolvedLock(lock, directory) {
  const reduced = packageLock(lock);
  const packages = Object.entries(reduced.packages).map(([path, entry]) => {
    if (path === "") return [path, entry];
    return [path, { ...entry, resolved: `file:${directory}/${tarball(path, entry).file}` }];
  });
  return { ...reduced, packages: Object.fromEntries(packages) };
}
