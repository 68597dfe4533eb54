import { type Envelope, envelopeSchema } from "../../core/attestation.ts";
import { firstIssue } from "../../core/document.ts";
import { TrustError } from "../../core/errors.ts";

/** An envelope's payload, and each signature with the bytes that it must be of. */
export interface OpenedEnvelope {
  readonly payload: Buffer;
  /** What was signed: the payload's type and the payload. */
  readonly message: Buffer;
  /** SSH signatures, not checked. */
  readonly signatures: readonly Buffer[];
}

/** The bytes that a signature covers: DSSE's pre-authentication encoding (PAE) of type and payload. */
export function encodeForSignature(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, "utf8");
  const head = `DSSEv1 ${type.length} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head, "utf8"), payload]);
}

/** The envelope of a signed payload. */
export function makeEnvelope(
  payloadType: string,
  payload: Uint8Array,
  signature: Buffer,
  keyid: string,
): Envelope {
  return {
    payloadType,
    payload: Buffer.from(payload).toString("base64"),
    signatures: [{ keyid, sig: signature.toString("base64") }],
  };
}

/** Takes an envelope apart; nothing of it is trusted yet. TrustError for what is no envelope of this type of payload. */
export function openEnvelope(text: string, type: string): OpenedEnvelope {
  const { payloadType, payload: encoded, signatures } = parseEnvelope(text);
  if (payloadType !== type)
    throw new TrustError(`the payload is ${JSON.stringify(payloadType)}, not ${type}`, {
      hint: "`pikaci attest` writes attestations of runs",
    });
  const payload = decode(encoded, "payload");
  return {
    payload,
    message: encodeForSignature(payloadType, payload),
    signatures: signatures.map(({ sig }) => decode(sig, "sig")),
  };
}

function parseEnvelope(text: string): Envelope {
  const parsed = envelopeSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw noEnvelope(firstIssue(parsed.error, "envelope"));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw noEnvelope("it is not JSON");
    throw error;
  }
}

function noEnvelope(why: string): TrustError {
  return new TrustError(`not a DSSE envelope: ${why}`, { hint: "`pikaci attest RUN --out FILE` writes one" });
}

/** Either alphabet, as DSSE allows; bits that no byte has would let one signature have many texts. */
function decode(text: string, what: string): Buffer {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  const bytes = Buffer.from(plain, "base64");
  if (bytes.toString("base64").replace(/=+$/, "") !== plain) throw noEnvelope(`${what} is not base64`);
  return bytes;
}
