import { readlinkSync } from "node:fs";
import type { Context } from "../core/context.ts";
import { parseStorePath, type StorePath } from "../core/ids.ts";
import { readBytes } from "../system/client-files.ts";
import { type BuildLog, readBuildLog } from "./build-log.ts";
import { startNix } from "./client.ts";
import { explainNix } from "./errors.ts";
import { nixListener } from "./listener.ts";
import { nixLogText } from "./log.ts";
import { BuildFailed, blame, type Fault } from "./unbuilt.ts";

type ListenedContext = Pick<Context, "env" | "signal" | "emit">;

/** Builds an installable on this machine and gives its output, rooted by `link`. BuildFailed, ConfigError, InfraError. */
export async function realiseHere(
  installable: string,
  link: string,
  words: readonly string[],
  context: ListenedContext,
): Promise<StorePath> {
  const options = ["--keep-going", "--log-format", "internal-json", "--no-update-lock-file"];
  const argv = ["nix", "build", ...options, "--out-link", link, ...words, installable];
  const exit = await startNix(argv, context, { onStderr: nixListener(context.emit) });
  if (exit.exitCode === 0) return parseStorePath(readlinkSync(link));
  const fault = await faultHere(installable, words, readBuildLog(exit.stderr), context);
  if (fault === null) throw explainNix(nixLogText(exit.stderr));
  throw new BuildFailed(fault);
}

async function faultHere(
  installable: string,
  words: readonly string[],
  log: BuildLog,
  context: ListenedContext,
): Promise<Fault | null> {
  if (log.started.size === 0) return null;
  const asking = ["--derivation", "--no-update-lock-file", ...words];
  const asked = await startNix(["nix", "path-info", ...asking, installable], context);
  const own = asked.stdout.toString("utf8").trim();
  const derivations = [...log.reasons.keys()].filter((path) => path.endsWith(".drv") && path !== own);
  const named = [...derivations, own].map((derivation) => ({ derivation, fixed: isFixed(derivation) }));
  const path = [...log.reasons.keys()].find((subject) => !subject.endsWith(".drv")) ?? "";
  const failure = asked.exitCode === 0 ? blame({ key: "", path, named }, log) : null;
  if (failure === null) return null;
  const printed = await startNix(["nix-store", "--read-log", failure.derivation], context);
  return {
    failure: { ...failure, log: printed.exitCode === 0 ? printed.stdout : Buffer.alloc(0) },
    dependency: failure.derivation !== own,
  };
}

/** Whether the hash of what it makes is in the derivation: the third word of its first output is not empty. */
function isFixed(derivation: string): boolean {
  const text = readBytes(derivation)?.subarray(0, 4096).toString("utf8") ?? "";
  return /^Derive\(\[\("[^"]*","[^"]*","[^"]/.test(text);
}
