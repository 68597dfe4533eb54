import * as z from "zod";
import { CancelledError, PikaciError } from "../../core/errors.ts";
import { evalFlake, type NixContext } from "../../nix/client.ts";
import { NoSuchOutput } from "../../nix/errors.ts";
import { pathWithNix } from "../../nix/place.ts";
import type { Env } from "../../system/exec.ts";
import { findProgram } from "../../system/find-program.ts";

/** Nix's name of the platform of a Linux host of this machine's kind. */
export function hostSystem(): string {
  return `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux`;
}

/** Whether this machine has Nix, on its PATH or where accounts have it without that. */
export function nixHere(env: Env): "here" | "missing" {
  return findProgram("nix", pathWithNix(env)).length > 0 ? "here" : "missing";
}

/** Names of a flake's checks for such a host; null when Nix could not tell. It evaluates the flake, without network. */
export async function flakeChecks(workspace: string, context: NixContext): Promise<readonly string[] | null> {
  const words = [
    "--no-write-lock-file",
    "--offline",
    "--apply",
    `flake: builtins.attrNames (flake.${hostSystem()} or { })`,
  ];
  try {
    const text = await evalFlake(workspace, "checks", words, context);
    return z.array(z.string()).parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof PikaciError) || error instanceof CancelledError) throw error;
    return error instanceof NoSuchOutput ? [] : null;
  }
}
