import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import type { Context } from "../../core/context.ts";
import { UsageError } from "../../core/errors.ts";
import { VERDICT_NAMESPACE } from "../../core/shared-verdict.ts";
import { readAllowedSigners } from "../attestation/allowed-signers.ts";

/** The user's own settings: never the tree's, whose author would say whom to believe. */
const SIGNERS = "PIKACI_ALLOWED_SIGNERS";
const KEY = "PIKACI_SIGNING_KEY";

/** Whose verdicts a run believes, and what it signs its own with. */
interface SharedSettings {
  /** The text of an allowed-signers file; null: nobody is believed, and no host is asked. */
  readonly signers: string | null;
  /** Absolute path of a key for ssh-keygen; null: nothing is shared. */
  readonly key: string | null;
}

const NOTHING: SharedSettings = { signers: null, key: null };

/** From the environment; nothing for a tree that is untrusted. UsageError; TrustError for signers of the tree. */
export function sharedSettings(
  isWanted: boolean,
  { env, author, workspace }: Pick<Context, "env" | "author" | "workspace">,
): SharedSettings {
  if (!isWanted || author === "stranger") return NOTHING;
  const file = pathIn(env, SIGNERS);
  const key = pathIn(env, KEY);
  if (key !== null && !existsSync(key) && !existsSync(`${key}.pub`))
    throw new UsageError(`${KEY}: ${key} does not exist`, {
      hint: "name a private key, or a public one whose private key ssh-agent has, or unset it",
    });
  const signers =
    file === null ? null : readAllowedSigners({ file, named: SIGNERS }, workspace, VERDICT_NAMESPACE);
  return { signers, key };
}

function pathIn(env: Context["env"], name: string): string | null {
  const value = env[name] ?? "";
  if (value === "") return null;
  if (isAbsolute(value)) return value;
  throw new UsageError(`${name} is not an absolute path: ${value}`, { hint: "write it as `$HOME/…`" });
}
