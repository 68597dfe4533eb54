import { hostname, userInfo } from "node:os";
import type { Context } from "../../core/context.ts";
import { PikaciError } from "../../core/errors.ts";
import type { JobRecord } from "../../core/run-record.ts";
import { SCHEMA_VERSION } from "../../core/schema-version.ts";
import {
  SHARED_BYTES,
  type SharedVerdict,
  VERDICT_MEDIA_TYPE,
  VERDICT_NAMESPACE,
} from "../../core/shared-verdict.ts";
import { documentBytes } from "../../remote/channel.ts";
import { converse, framesToEnd } from "../../remote/program.ts";
import type { HostSession } from "../../remote/session.ts";
import { blake3Hex } from "../../system/blake3.ts";
import { isDurable } from "../../system/durable.ts";
import { signWithSsh } from "../../system/ssh-sign.ts";
import { readSignature } from "../../system/ssh-signature.ts";
import { encodeForSignature, makeEnvelope } from "../attestation/envelope.ts";
import { lookupKey } from "../key.ts";
import type { Recorder } from "../recorder.ts";

/** Leaves the passes of a run that ran here on its host, signed, in one remote command. What goes wrong is a warning. */
export async function shareVerdicts(
  recorder: Recorder,
  session: HostSession,
  key: string,
  context: Context,
): Promise<void> {
  const verdicts = recorder.record.jobs.flatMap((job) => toShare(job, recorder, context) ?? []);
  if (verdicts.length === 0) return;
  try {
    await send(await Promise.all(verdicts.map((one) => sign(one, key, context))), session, context);
  } catch (error) {
    if (!(error instanceof PikaciError) || context.signal.aborted) throw error;
    const message = `the verdicts of this run are not shared: ${error.message}`;
    context.emit({ type: "warning", message, hint: error.hint ?? null });
  }
}

/** Null for what did not pass, may not be remembered or is of an untrusted tree, and where the host did not keep its artifacts. */
function toShare(record: JobRecord, recorder: Recorder, { clock }: Context): SharedVerdict | null {
  const { job, result, artifacts } = record;
  if (result?.status !== "passed" || result.exit_code !== 0) return null;
  const stored = recorder.storedKey(job);
  if (stored === null || stored.untrusted || stored.purpose !== "remember") return null;
  const digests = recorder.artifactDigests(job);
  const { artifacts_digest } = result;
  if (Object.keys(digests).length > 0 && artifacts_digest === undefined) return null;
  return {
    schema_version: SCHEMA_VERSION,
    run_id: recorder.runId,
    job,
    status: "passed",
    exit_code: 0,
    parts: stored.parts,
    artifacts,
    digests,
    ...(artifacts_digest === undefined ? {} : { artifacts_digest }),
    host: recorder.record.host,
    account: `${userInfo().username}@${hostname()}`,
    shared_at: clock().toISOString(),
  };
}

interface Signed {
  /** The `lookupKey` that it lies under. */
  readonly key: string;
  readonly document: string;
  /** What the host keeps its artifacts as; null: it has none. */
  readonly artifacts: string | null;
}

async function sign(verdict: SharedVerdict, path: string, context: Context): Promise<Signed> {
  const payload = Buffer.from(JSON.stringify(verdict));
  const message = encodeForSignature(VERDICT_MEDIA_TYPE, payload);
  const key = { kind: "file", path } as const;
  const signature = await signWithSsh(message, { key, namespace: VERDICT_NAMESPACE }, context);
  const keyid = readSignature(signature)?.fingerprint ?? "";
  const document = JSON.stringify(makeEnvelope(VERDICT_MEDIA_TYPE, payload, signature, keyid));
  const artifacts = Object.keys(verdict.digests).length > 0 ? (verdict.artifacts_digest ?? null) : null;
  return { key: lookupKey(verdict.parts), document, artifacts };
}

/** One that nobody would take, of thousands of artifacts, is not sent. */
async function send(signed: readonly Signed[], session: HostSession, context: Context): Promise<void> {
  const fit = signed.filter(({ document }) => Buffer.byteLength(document) <= SHARED_BYTES);
  if (fit.length === 0) return;
  const lines = fit.map(
    ({ key, document, artifacts }) => `${key} ${blake3Hex(Buffer.from(document))} ${artifacts ?? "-"}\n`,
  );
  const names = lines.join("");
  const params = { work_dir: session.facts.workDir, names, durable: isDurable(context) };
  await converse(session.connection, { program: "share", params }, context, async (channel) => {
    for (const { document } of fit) await channel.write(documentBytes(document));
    return framesToEnd(channel);
  });
}
