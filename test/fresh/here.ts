import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { posixQuote } from "../../src/system/quote.ts";

/** What says how this machine reaches registries, and by which certificates; files among the values go along. */
const VARIABLES = new Set([
  ..."http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY".split(" "),
  ..."NODE_EXTRA_CA_CERTS SSL_CERT_FILE".split(" "),
  ..."npm_config_registry npm_config_cafile npm_config_proxy npm_config_https_proxy npm_config_noproxy".split(
    " ",
  ),
]);
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Lays the settings of this machine's network into `files`, as they belong below /: apt's, npm's, certificates, names. */
export function takeFromHere(files: string): void {
  takeNpmSettings(files);
  const variables = Object.entries(process.env).filter(([name]) => VARIABLES.has(name));
  for (const path of ["/etc/resolv.conf", "/etc/hosts", CERTIFICATES, ...variables.map(([, value]) => value)])
    if (path?.startsWith("/") && existsSync(path)) take(path, join(files, path));
  write(join(files, "etc/apt/apt.conf.d/00here"), aptSettings());
  const lines = [["HOME", "/root"], ["PATH", PATH], ...variables].map(
    ([name, value]) => `${name}=${posixQuote(value ?? "")}\n`,
  );
  write(join(files, "etc/environment"), lines.join(""));
}

/** The program of Node and the directory of npm, however they came here. */
export function nodeHere(): { readonly node: string; readonly npm: string } {
  const npm = realpathSync(execFileSync("sh", ["-c", "command -v npm"], { encoding: "utf8" }).trim());
  return { node: process.execPath, npm: dirname(dirname(npm)) };
}

function takeNpmSettings(files: string): void {
  const names = ["userconfig", "globalconfig", "cafile"];
  const lines = execFileSync("npm", ["config", "get", ...names], { encoding: "utf8" })
    .trim()
    .split("\n");
  const [user = "", global = "", certificates = ""] = lines.map((line) => line.slice(line.indexOf("=") + 1));
  for (const [from, place] of [
    [user, "root/.npmrc"],
    [global, "usr/etc/npmrc"],
    [certificates, certificates],
  ] as const)
    if (from.startsWith("/") && existsSync(from)) take(from, join(files, place));
}

/** How apt reaches its archive; which archive is in the root file system. */
function aptSettings(): string {
  const lines = execFileSync("apt-config", ["dump"], { encoding: "utf8" }).split("\n");
  const kept = lines.filter((line) => /^Acquire::(?!IndexTargets|Changelogs)\S+ ".+";$/.test(line));
  return [...kept, 'Acquire::Languages "none";', ""].join("\n");
}

function take(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
