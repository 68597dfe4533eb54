import { readFileSync, readlinkSync } from "node:fs";
import type { Context } from "../core/context.ts";
import { installNix } from "../core/distribution.ts";
import { InfraError } from "../core/errors.ts";
import { parseStorePath, type StorePath } from "../core/ids.ts";
import { type Env, type Exit, type RunOptions, run } from "../system/exec.ts";
import { type ClosurePath, parsePathInfos, parseTrust, type StoreTrust } from "./closure-trust.ts";
import { explainNix } from "./errors.ts";
import { parseArchive } from "./flake-archive.ts";
import { nixLogText } from "./log.ts";
import { distributionHere, pathWithNix } from "./place.ts";

/** What a Nix call on the client needs of the context. */
export type NixContext = Pick<Context, "env" | "signal">;

/** A store to copy to, as `Connection.nixStore()` gives it. */
interface NixStore {
  readonly url: string;
  readonly env: Env;
}

export interface CopyOptions {
  /** The other store fetches from its own substituters what they have. */
  readonly substitute?: boolean;
  /** From the other store instead of to it. */
  readonly from?: boolean;
  /** `false` only where the user asked for it. */
  readonly checkSigs?: boolean;
  /** Called with each line that Nix logs, as JSON. */
  readonly onLog?: (line: string) => void;
}

/** A name that Nix takes for a store path, made of a file's name. */
export function storeName(fileName: string): string {
  const safe = fileName.replace(/[^A-Za-z0-9+._?=-]/g, "-").replace(/^[.-]+/, "");
  return safe.slice(0, 100) || "path";
}

/** Adds a file or directory by content: needs no signature on any host. InfraError, ConfigError. */
export async function addToStore(path: string, name: string, context: NixContext): Promise<StorePath> {
  const exit = await nix(["nix", "store", "add-path", "--name", name, "--", path], context);
  return parseStorePath(exit.stdout.toString("utf8").trim());
}

/** An output of a flake on this machine as JSON text; `flake` as Nix takes it, seen from `directory`. ConfigError, InfraError. */
export async function evalFlake(
  directory: string,
  attr: string,
  words: readonly string[],
  context: NixContext,
  flake = ".",
): Promise<string> {
  const argv = ["nix", "eval", "--json", ...words, `${flake}#${attr}`];
  const exit = await startNix(argv, context, { cwd: directory });
  if (exit.exitCode !== 0) throw explainNix(exit.stderr);
  return exit.stdout.toString("utf8");
}

/** Whether the path is valid in the client's store. */
export async function isInClientStore(path: StorePath, context: NixContext): Promise<boolean> {
  const exit = await startNix(["nix-store", "--check-validity", path], context);
  return exit.exitCode === 0;
}

/**
 * Copies store paths of the client, with all they refer to, into another store.
 * TrustError when that one wants a signature; InfraError("network") when it cannot be reached.
 */
export async function copyClosure(
  paths: readonly string[],
  store: NixStore,
  context: NixContext,
  options: CopyOptions = {},
): Promise<void> {
  const env = { ...context.env, ...store.env };
  const words = [
    ...(options.substitute === true ? ["--substitute-on-destination"] : []),
    ...(options.checkSigs === false ? ["--no-check-sigs"] : []),
  ];
  const way = options.from === true ? "--from" : "--to";
  const argv = ["nix", "copy", "--log-format", "internal-json", ...words, way, store.url, "--", ...paths];
  const onStderr = options.onLog;
  const exit = await startNix(argv, { ...context, env }, onStderr === undefined ? {} : { onStderr });
  if (exit.exitCode !== 0) throw explainNix(nixLogText(exit.stderr));
}

/**
 * Every path that the given ones need, they included, and what another store asks of it; of this machine's store, or of
 * `store`. InfraError.
 */
export async function closureOf(
  paths: readonly StorePath[],
  context: NixContext,
  store: NixStore = { url: "auto", env: {} },
): Promise<ClosurePath[]> {
  const env = { ...context.env, ...store.env };
  const words = ["--recursive", "--json", "--store", store.url];
  const exit = await nix(["nix", "path-info", ...words, "--", ...paths], { ...context, env });
  return parsePathInfos(exit.stdout.toString("utf8"));
}

/** Which of the paths are not valid here. InfraError. */
export async function missingHere(
  paths: readonly StorePath[],
  context: NixContext,
): Promise<ReadonlySet<string>> {
  const exit = await nix(["nix-store", "--check-validity", "--print-invalid", ...paths], context);
  return new Set(exit.stdout.toString("utf8").split("\n").filter(Boolean));
}

/** Whose paths this machine takes: nobody's for the account's sake, as `nix copy` checks them itself. InfraError. */
export async function trustHere(context: NixContext): Promise<StoreTrust> {
  const newer = await startNix(["nix", "config", "show"], context);
  const exit = newer.exitCode === 0 ? newer : await nix(["nix", "show-config"], context);
  return parseTrust(`trusted = no\n${exit.stdout.toString("utf8")}`);
}

/** Store paths of a flake and of all its locked inputs, fetched on this machine. ConfigError, InfraError. */
export async function flakeInputs(
  flake: string,
  words: readonly string[],
  context: NixContext,
): Promise<StorePath[]> {
  const argv = ["nix", "flake", "archive", "--json", "--no-update-lock-file", ...words, flake];
  const exit = await nix(argv, context);
  return parseArchive(JSON.parse(exit.stdout.toString("utf8")));
}

/** Makes `link` a root of a path that is valid here. InfraError. */
export async function rootHere(path: StorePath, link: string, context: NixContext): Promise<void> {
  await nix(["nix-store", "--realise", path, "--add-root", link], context);
}

/** The store path that a root leads to; null when there is no such link. */
export function readRoot(link: string): StorePath | null {
  try {
    return parseStorePath(readlinkSync(link));
  } catch {
    return null;
  }
}

/** As `2.26.3`. InfraError. */
export async function nixVersion(context: NixContext): Promise<string> {
  const exit = await nix(["nix-instantiate", "--eval", "--json", "--expr", "builtins.nixVersion"], context);
  return String(JSON.parse(exit.stdout.toString("utf8")));
}

async function nix(argv: readonly string[], context: NixContext): Promise<Exit> {
  const exit = await startNix(argv, context);
  if (exit.exitCode !== 0) throw explainNix(exit.stderr);
  return exit;
}

/** A Nix command on this machine, whatever it answers. InfraError("client") when there is no Nix. */
export async function startNix(
  argv: readonly string[],
  { env, signal }: NixContext,
  place: Pick<RunOptions, "cwd" | "onStderr"> = {},
): Promise<Exit> {
  try {
    return await run(argv, { env: nixEnv(env), signal, ...place });
  } catch (cause) {
    if (!(cause instanceof InfraError)) throw cause;
    throw new InfraError(
      "client",
      "Nix is not on this machine's PATH, nor where its profiles are; it sends paths of this machine and reads a flake's output `pikaci` and its checks",
      {
        hint: `${installNix(distributionHere())}; or prepare flake outputs only and write pikaci.config.json`,
        cause,
      },
    );
  }
}

/** As prelude.sh does on a host: flakes are enabled, and root without build users builds as itself. */
function nixEnv(env: Env): Env {
  const lines = [env.NIX_CONFIG ?? "", "extra-experimental-features = nix-command flakes"];
  if (process.getuid?.() === 0 && !hasBuildUsers()) lines.push("build-users-group =");
  return { ...env, PATH: pathWithNix(env), NIX_CONFIG: lines.join("\n") };
}

function hasBuildUsers(): boolean {
  try {
    return /^nixbld:/m.test(readFileSync("/etc/group", "utf8"));
  } catch {
    return false;
  }
}
