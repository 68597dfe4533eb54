import * as z from "zod";
import type { Context } from "../../core/context.ts";
import { firstIssue } from "../../core/document.ts";
import { PikaciError, TrustError } from "../../core/errors.ts";
import {
  SHARED_BYTES,
  type SharedVerdict,
  sharedVerdictSchema,
  VERDICT_MEDIA_TYPE,
  VERDICT_NAMESPACE,
} from "../../core/shared-verdict.ts";
import { openEnvelope } from "../attestation/envelope.ts";
import { checkSignatures } from "../attestation/signatures.ts";
import { lookupKey, verdictKey } from "../key.ts";
import type { ToldVerdict } from "./told.ts";

/** A shared verdict that counts, and the principal who signed it. */
export interface SignedVerdict {
  readonly verdict: SharedVerdict;
  readonly signer: string;
}

/** The verdicts that count, by their `verdictKey`; every other document is a warning, and its job runs. */
export async function judgeTold(
  told: readonly ToldVerdict[],
  signers: string,
  context: Context,
): Promise<ReadonlyMap<string, SignedVerdict>> {
  const found = new Map<string, SignedVerdict>();
  for (const one of told) {
    try {
      const signed = await judge(one, signers, context);
      const key = verdictKey(signed.verdict.parts);
      if (!found.has(key)) found.set(key, signed);
    } catch (error) {
      if (!(error instanceof PikaciError) || context.signal.aborted) throw error;
      const message = `a shared verdict on the host does not count (${one.key.slice(0, 12)}…/${one.name.slice(0, 12)}…): ${error.message}`;
      context.emit({ type: "warning", message, hint: error.hint ?? null });
    }
  }
  return found;
}

async function judge({ key, bytes }: ToldVerdict, signers: string, context: Context): Promise<SignedVerdict> {
  if (bytes.length > SHARED_BYTES) throw new TrustError(`it is larger than ${SHARED_BYTES} bytes`);
  const envelope = openEnvelope(bytes.toString("utf8"), VERDICT_MEDIA_TYPE);
  const expected = { allowedSigners: signers, namespace: VERDICT_NAMESPACE, principal: null };
  const [first] = await checkSignatures(envelope, expected, context);
  const verdict = parseVerdict(envelope.payload);
  if (lookupKey(verdict.parts) !== key) throw new TrustError("it is of another key than it lies under");
  return { verdict, signer: first?.principal ?? "" };
}

function parseVerdict(payload: Buffer): SharedVerdict {
  try {
    return sharedVerdictSchema.parse(JSON.parse(payload.toString("utf8")));
  } catch (error) {
    if (error instanceof SyntaxError) throw new TrustError("it is signed, but not JSON");
    if (error instanceof z.ZodError)
      throw new TrustError(`it is signed, but no verdict: ${firstIssue(error, "verdict")}`, {
        hint: "another version of pikaci may have shared it",
      });
    throw error;
  }
}
