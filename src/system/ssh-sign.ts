import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../core/context.ts";
import { TrustError } from "../core/errors.ts";
import { capture, type Exit } from "./exec.ts";
import { armor, unarmor } from "./ssh-signature.ts";
import { makeStaging } from "./staging.ts";

type SshContext = Pick<Context, "env" | "signal">;

/** A key to sign with: the file of a private key, of a public one whose private half the agent has, or the public key itself. */
export type SigningKey =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "public"; readonly text: string };

interface Signing {
  readonly key: SigningKey;
  readonly namespace: string;
}

/** Has `ssh-keygen` sign a message: pikaci itself reads no private key. Its agent or the terminal gives a passphrase. TrustError. */
export async function signWithSsh(
  message: Buffer,
  { key, namespace }: Signing,
  context: SshContext,
): Promise<Buffer> {
  return inStaging(async (directory) => {
    const path = key.kind === "file" ? key.path : writeIn(directory, "key.pub", `${key.text}\n`);
    const argv = ["ssh-keygen", "-Y", "sign", "-f", path, "-n", namespace];
    const { exitCode, stdout, stderr } = await capture(argv, { ...place(context), input: message });
    const signature = unarmor(stdout.toString("latin1"));
    if (exitCode === 0 && signature !== null) return signature;
    throw new TrustError(`${nameOf(key)} signs nothing: ${lastLine(stderr)}`, {
      hint: "`ssh-add -l` shows what the agent has; `--key FILE` names another key",
    });
  });
}

function nameOf(key: SigningKey): string {
  return key.kind === "file" ? `the key ${key.path}` : "the key of git's user.signingkey";
}

/** What a signature must be for. */
export interface Verifying {
  /** The text of an allowed-signers file; ssh-keygen(1), ALLOWED SIGNERS. */
  readonly allowedSigners: string;
  readonly namespace: string;
  /** The principal that must have signed; null: any of the file. */
  readonly principal: string | null;
}

/**
 * Has `ssh-keygen` check a signature against allowed signers and their validity at this moment. Returns the principal, else why
 * the signature does not count, in ssh-keygen's words.
 */
export async function verifyWithSsh(
  message: Buffer,
  signature: Buffer,
  { allowedSigners, namespace, principal }: Verifying,
  context: SshContext,
): Promise<{ readonly principal: string } | { readonly refused: string }> {
  return inStaging(async (directory) => {
    const allowed = writeIn(directory, "allowed", allowedSigners);
    const files = ["-f", allowed, "-s", writeIn(directory, "signature", armor(signature))];
    const ask = (words: readonly string[], input: string | Buffer = "") =>
      capture(["ssh-keygen", "-Y", ...words, ...files], { ...place(context), input });
    const found = await ask(["find-principals"]);
    if (found.exitCode !== 0) return { refused: reasonIn(found, allowed) };
    const principals = principal === null ? principalsIn(found) : [principal];
    let refused = "its signer has no name in the allowed signers";
    for (const one of principals) {
      const exit = await ask(["verify", "-I", one, "-n", namespace], message);
      if (exit.exitCode === 0) return { principal: one };
      refused = reasonIn(exit, allowed);
    }
    return { refused };
  });
}

/** One a line; those with an exclamation mark are exceptions from patterns. */
function principalsIn({ stdout }: Exit): string[] {
  const lines = stdout.toString("utf8").split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("!"));
}

/** What ssh-keygen says of a line of the file comes before its last words. */
function reasonIn({ stdout, stderr }: Exit, allowed: string): string {
  const said = stderr.split("\n").find((line) => line.startsWith(`${allowed}:`));
  if (said === undefined) return lastLine(`${stdout.toString("utf8")}\n${stderr}`);
  return `line ${said.slice(allowed.length + 1)}`;
}

function place({ env, signal }: SshContext) {
  return { env: { ...env, LC_ALL: "C" }, signal };
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() || "ssh-keygen says nothing";
}

function writeIn(directory: string, name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

async function inStaging<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = makeStaging(null, new Date());
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
