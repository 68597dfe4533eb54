import type { Context } from "../core/context.ts";
import { PikaciError } from "../core/errors.ts";
import type { JobRecord } from "../core/run-record.ts";
import type { KeyParts } from "../core/verdict.ts";
import type { Recorder } from "./recorder.ts";
import { findVerdict, forgetVerdict, pruneVerdicts, putVerdict, type VerdictStore } from "./verdicts.ts";

/** Remembers a job's verdict or forgets the one that it contradicts, as its stored key says. If that fails, the job is run again next time. */
export function rememberJob(record: JobRecord, recorder: Recorder, context: Context): void {
  try {
    const key = recorder.storedKey(record.job);
    if (key === null) return;
    const store = key.untrusted ? "untrusted" : "trusted";
    if (key.purpose === "contradict") {
      forgetContradicted(record, key.parts, store, context);
    } else {
      const digests = recorder.artifactDigests(record.job);
      putVerdict(context, store, { runId: recorder.runId, record, parts: key.parts, digests });
      pruneVerdicts(context, store);
    }
  } catch (error) {
    if (!(error instanceof PikaciError)) throw error;
    const message = `the verdict of ${record.job} is not remembered: ${error.message}`;
    context.emit({ type: "warning", message, hint: error.hint ?? null });
  }
}

/** Forgets a pass when the job has now failed on the same inputs. */
function forgetContradicted(
  { job, result }: JobRecord,
  parts: KeyParts,
  store: VerdictStore,
  context: Context,
): void {
  if (result?.status !== "failed") return;
  const passed = findVerdict(context, store, parts);
  if (passed?.status !== "passed") return;
  forgetVerdict(context, store, passed);
  const message = `${job} failed on the inputs with which it passed in run ${passed.run_id}: that verdict is forgotten`;
  context.emit({ type: "warning", message, hint: null });
}
