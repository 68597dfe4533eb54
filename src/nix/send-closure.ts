import type { Context } from "../core/context.ts";
import { InfraError } from "../core/errors.ts";
import type { StorePath } from "../core/ids.ts";
import type { Connection } from "../remote/connection.ts";
import { copyScheme } from "../remote/copy-scheme.ts";
import { ask } from "../remote/program.ts";
import type { HostSession } from "../remote/session.ts";
import { type CopyOptions, closureOf, copyClosure, nixVersion } from "./client.ts";
import {
  type ClosurePath,
  parseTrust,
  refusedPaths,
  type StoreTrust,
  signatureError,
} from "./closure-trust.ts";
import { progressListener } from "./listener.ts";

/**
 * Copies store paths of this machine, with all they refer to, to a host; nothing to do on `local`. TrustError before the
 * first byte when the host would refuse one; InfraError.
 */
export async function sendClosure(
  paths: readonly StorePath[],
  { connection, facts }: HostSession,
  options: CopyOptions,
  context: Context,
): Promise<void> {
  if (connection.host.url === "local" || paths.length === 0) return;
  const closure = await closureOf(paths, context);
  const signed = closure.filter(({ contentAddressed }) => !contentAddressed);
  const account = signed.length > 0 ? await checkSignatures(signed, connection, context) : "unknown";
  const there = facts.nix.state === "works" ? facts.nix.version : "";
  const store = connection.nixStore(copyScheme(await nixVersion(context), there));
  await copyClosure(paths, store, context, {
    ...options,
    // A trusted account's word is enough for ssh://; ssh-ng:// wants to be told.
    ...(account === "trusted" ? { checkSigs: false } : {}),
    onLog: progressListener(context.emit),
  });
}

async function checkSignatures(
  closure: readonly ClosurePath[],
  connection: Connection,
  context: Context,
): Promise<StoreTrust["account"]> {
  const { trust, missing } = await askTrust(closure, connection, context);
  const refused = refusedPaths(closure, missing, trust);
  if (refused.length > 0) throw signatureError(refused, connection.host.url, trust);
  return trust.account;
}

async function askTrust(
  closure: readonly ClosurePath[],
  connection: Connection,
  context: Context,
): Promise<{ readonly trust: StoreTrust; readonly missing: ReadonlySet<string> }> {
  const paths = closure.map(({ path }) => path).join("\n");
  const frames = await ask(connection, { program: "trust", params: { paths } }, context);
  const text = (wanted: string) =>
    frames.flatMap(({ type, body }) => (type === wanted ? [body.toString("utf8")] : []));
  const [trust] = text("trust");
  if (trust !== undefined)
    return {
      trust: parseTrust(trust),
      missing: new Set(text("missing").flatMap((list) => list.split("\n"))),
    };
  throw new InfraError("host", "the host did not say whom it trusts", { hint: "run the command again" });
}
