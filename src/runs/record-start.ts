import type { InfraError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import type { HostSpec } from "../core/project.ts";
import type { RunRecord } from "../core/run-record.ts";
import type { FileDigests } from "./sealed-record.ts";

/** How a record begins: anew, or as the continuation of an earlier one. */
export interface RecordStart {
  readonly runId: RunId;
  /** May be a guess until `begin`. */
  readonly projectId: string;
  readonly host: HostSpec;
  /** Called once when the record can no longer be written: the run must end. */
  readonly onFailure: (error: InfraError) => void;
  /** Whether a run that is `flaky` has the exit code 1; absent: 0. */
  readonly failOnFlaky?: boolean;
  /** A record to continue, begun here or elsewhere. */
  readonly earlier?: RunRecord;
  /** What that record says of its files. */
  readonly digests?: FileDigests;
}
