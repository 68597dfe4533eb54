import type { Context } from "../../core/context.ts";
import { TrustError } from "../../core/errors.ts";
import { type Verifying, verifyWithSsh } from "../../system/ssh-sign.ts";
import { readSignature } from "../../system/ssh-signature.ts";
import type { OpenedEnvelope } from "./envelope.ts";

/** Who has signed, and with which key. */
export interface Signer {
  readonly principal: string;
  /** `SHA256:…` */
  readonly key: string;
}

/** Checks every signature of an envelope; one that is wrong is enough, for whoever adds one means it to count. TrustError. */
export async function checkSignatures(
  { message, signatures }: OpenedEnvelope,
  expected: Verifying,
  context: Pick<Context, "env" | "signal">,
): Promise<Signer[]> {
  const signers: Signer[] = [];
  for (const [index, signature] of signatures.entries()) {
    const which =
      signatures.length === 1 ? "its signature" : `signature ${index + 1} of ${signatures.length}`;
    const read = readSignature(signature);
    if (read === null) throw new TrustError(`${which} is no SSH signature`);
    const { fingerprint, namespace } = read;
    if (namespace !== expected.namespace)
      throw new TrustError(`${which} is for ${JSON.stringify(namespace)}, not for ${expected.namespace}`);
    const found = await verifyWithSsh(message, signature, expected, context);
    if ("refused" in found)
      throw new TrustError(`${which}, by the key ${fingerprint}, does not count: ${found.refused}`, {
        hint: `a line of an allowed signer is: name namespaces="${namespace}" ssh-ed25519 AAAA…`,
      });
    signers.push({ principal: found.principal, key: fingerprint });
  }
  return signers;
}
