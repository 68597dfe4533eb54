import { InfraError } from "../core/errors.ts";
import type { ContentHash, StorePath } from "../core/ids.ts";
import type { Runner } from "../core/machine-shape.ts";
import { type RunnerRecord, runnerOutcomeSchema, runnerRecordSchema } from "../core/machine-shape.ts";
import type { RunnerState } from "../remote/facts.ts";

/** Null when the text is not a complete record of this version. */
function parseRunnerRecord(text: string): RunnerRecord | null {
  try {
    return runnerRecordSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

type Judged =
  | { readonly state: "ready"; readonly storePath: StorePath }
  | { readonly state: "build" }
  /** `found`: what the record names instead. */
  | { readonly state: "wrong"; readonly found: string };

/** A record that is missing is built; one that is cut off or names another hash is wrong. */
export function judgeRecord(state: RunnerState | undefined, contentHash: ContentHash): Judged {
  if (state === undefined || state.state === "missing") return { state: "build" };
  const record = parseRunnerRecord(state.record);
  if (record === null) return { state: "wrong", found: "nothing that can be read" };
  if (record.content_hash !== contentHash) return { state: "wrong", found: record.content_hash };
  return state.state === "ready"
    ? { state: "ready", storePath: record.remote_store_path }
    : { state: "build" };
}

export interface RunnerAnswer {
  readonly outcome: Runner["outcome"];
  readonly storePath: StorePath;
}

/** The body of a `runner` frame: the outcome, a newline, the record. InfraError when it is anything else. */
export function parseRunnerAnswer(body: Buffer, contentHash: ContentHash): RunnerAnswer {
  const text = body.toString("utf8");
  const end = text.indexOf("\n");
  const outcome = runnerOutcomeSchema.safeParse(text.slice(0, end));
  const record = parseRunnerRecord(text.slice(end + 1));
  if (outcome.success && record?.content_hash === contentHash)
    return { outcome: outcome.data, storePath: record.remote_store_path };
  if (record !== null && record.content_hash !== contentHash)
    throw unusable(`the host answered for the runner ${record.content_hash}, not for ${contentHash}`);
  throw unusable("the host's answer about the runner cannot be read");
}

function unusable(message: string): InfraError {
  return new InfraError("host", message, { hint: "run the command again with `--repair`" });
}
