import type { BytePath } from "../../core/byte-path.ts";
import type { PikaciError } from "../../core/errors.ts";
import type { Emit } from "../../core/events.ts";
import type { HostUrl, JobName, RunId } from "../../core/ids.ts";
import type { RunRecord } from "../../core/run-record.ts";
import type { Ledger } from "./ledger.ts";

/** What a watch says beside the events of its runs. */
export type Notice =
  /** The tree is being watched; `limited`: the system has no watch for some directories, so that it is looked at every so often. */
  | { readonly type: "watching"; readonly directories: number; readonly limited: boolean }
  /** Something changed; `jobs` are those that it concerns. */
  | { readonly type: "changed"; readonly paths: readonly BytePath[]; readonly jobs: readonly JobName[] }
  /** The tree or the configuration cannot be used, until it changes. */
  | { readonly type: "unusable"; readonly error: PikaciError }
  /** A run was cancelled because the tree has changed. */
  | { readonly type: "outdated"; readonly runId: RunId }
  | { readonly type: "unreachable"; readonly error: PikaciError; readonly pauseMs: number }
  | { readonly type: "lost"; readonly host: HostUrl }
  | { readonly type: "back"; readonly host: HostUrl }
  /** Nothing is to be done; the latest verdict of each job is in the ledger. */
  | { readonly type: "idle"; readonly ledger: Ledger };

/** Who shows a watch. */
export interface WatchListener {
  readonly onNotice: (notice: Notice) => void;
  /** A run begins; its events go to what is returned. */
  readonly onRun: () => Emit;
  /** The run has ended, or is outdated (null): none of its events comes any more. */
  readonly onEnd: (record: RunRecord | null) => void;
}
