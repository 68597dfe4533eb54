import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../../core/context.ts";
import { UsageError } from "../../core/errors.ts";
import { capture } from "../../system/exec.ts";
import { userEnv } from "../../system/git.ts";
import type { SigningKey } from "../../system/ssh-sign.ts";

/**
 * The key to sign with: the file that was named (absolute), else git's `user.signingkey` where git signs with ssh, else
 * `~/.ssh/id_ed25519`. UsageError when there is none.
 */
export async function signingKey(named: string | null, context: Context): Promise<SigningKey> {
  if (named !== null) {
    if (isThere(named)) return { kind: "file", path: named };
    throw new UsageError(`--key: ${named} does not exist`, { hint: HINT });
  }
  const ofGit = await gitKey(context);
  if (ofGit !== null) return ofGit;
  const path = join(context.env.HOME ?? "/", ".ssh/id_ed25519");
  if (isThere(path)) return { kind: "file", path };
  throw new UsageError(`no key to sign with: git has no user.signingkey of ssh, and ${path} does not exist`, {
    hint: HINT,
  });
}

const HINT =
  "`--key FILE` names a private key, or a public one whose private key ssh-agent has; `ssh-keygen -t ed25519` makes one";

/** Of a key in an agent only the public file need be there. */
function isThere(path: string): boolean {
  return existsSync(path) || existsSync(`${path}.pub`);
}

/** Null where git signs with something else, or with nothing. The key of an OpenPGP identity is no file. */
async function gitKey({ env, signal, workspace }: Context): Promise<SigningKey | null> {
  const args = ["config", "-z", "--type=path", "--get-regexp", "^(user\\.signingkey|gpg\\.format)$"];
  const { exitCode, stdout } = await capture(["git", ...args], { cwd: workspace, env: userEnv(env), signal });
  if (exitCode !== 0) return null;
  const records = stdout
    .toString("utf8")
    .split("\0")
    .map((record) => record.split("\n"));
  const settings = new Map(records.map(([name = "", value = ""]) => [name, value]));
  const key = settings.get("user.signingkey") ?? "";
  if (settings.get("gpg.format") !== "ssh" || key === "") return null;
  return keyOfGit(key);
}

/** Git's `user.signingkey` for ssh: the path of a key, or the public key itself. */
export function keyOfGit(value: string): SigningKey {
  if (value.startsWith("key::")) return { kind: "public", text: value.slice("key::".length) };
  return value.startsWith("ssh-") ? { kind: "public", text: value } : { kind: "file", path: value };
}
