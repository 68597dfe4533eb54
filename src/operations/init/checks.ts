import { z } from "zod";
import { CancelledError, PikaciError } from "../../core/errors.ts";
import { evalFlake, type NixContext } from "../../nix/client.ts";

/** Names of a flake's checks for a Linux host of this machine's kind; null when Nix could not tell. */
export async function flakeChecks(
  workspace: string,
  context: NixContext,
): Promise<{ readonly names: readonly string[] | null; readonly system: string }> {
  const system = `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux`;
  const words = [
    "--no-write-lock-file",
    "--offline",
    "--apply",
    `flake: builtins.attrNames (flake.${system} or { })`,
  ];
  try {
    const text = await evalFlake(workspace, "checks", words, context);
    return { names: z.array(z.string()).parse(JSON.parse(text)), system };
  } catch (error) {
    if (!(error instanceof PikaciError) || error instanceof CancelledError) throw error;
    return { names: error.message.startsWith("the flake has no such output") ? [] : null, system };
  }
}
