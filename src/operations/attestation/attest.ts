import {
  ATTESTATION_NAMESPACE,
  type Envelope,
  STATEMENT_MEDIA_TYPE,
  statementSchema,
} from "../../core/attestation.ts";
import type { Context } from "../../core/context.ts";
import { TrustError } from "../../core/errors.ts";
import { attestedRun, endOf } from "../../runs/attestation/attested-run.ts";
import { encodeForSignature, makeEnvelope } from "../../runs/attestation/envelope.ts";
import { makeStatement } from "../../runs/attestation/statement.ts";
import { openRun } from "../../runs/stored-runs.ts";
import { signWithSsh } from "../../system/ssh-sign.ts";
import { readSignature } from "../../system/ssh-signature.ts";
import { verifyRun } from "../verify.ts";
import { signingKey } from "./signing-key.ts";

interface AttestRequest {
  /** Run id, prefix or `latest`. */
  readonly run: string;
  /** Absolute path of a key; null: git's, else `~/.ssh/id_ed25519`. */
  readonly key: string | null;
}

/**
 * Signs what a run was about and what came of it. The whole record is checked first, as `verify` does. UsageError; TrustError
 * for a run that is not as it was recorded, has not ended, is untrusted or of another account, and when the key signs nothing.
 */
export async function attestRun(request: AttestRequest, context: Context): Promise<Envelope> {
  const opened = openRun(context, request.run);
  // The record of a run that goes on need not have all of its files yet.
  if (opened.digests !== null) endOf(opened.record);
  const { wrong } = verifyRun(opened.record.run_id, context);
  const [first] = wrong;
  if (first !== undefined)
    throw new TrustError(`run ${opened.record.run_id} is not attested: ${first.what} ${first.why}`, {
      hint: "`pikaci verify` names everything that is not as it was recorded",
    });
  const statement = statementSchema.parse(makeStatement(attestedRun(opened)));
  const payload = Buffer.from(JSON.stringify(statement));
  const key = await signingKey(request.key, context);
  const message = encodeForSignature(STATEMENT_MEDIA_TYPE, payload);
  const signature = await signWithSsh(message, { key, namespace: ATTESTATION_NAMESPACE }, context);
  return makeEnvelope(STATEMENT_MEDIA_TYPE, payload, signature, readSignature(signature)?.fingerprint ?? "");
}
