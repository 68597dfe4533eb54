import type { RunRecord } from "../../core/run-record.ts";
import type { Comparison } from "../../runs/compare.ts";
import type { PlanGraph } from "../../runs/plan-graph.ts";
import type { Timing } from "../../runs/timing.ts";

export interface ReportLog {
  readonly id: string;
  readonly title: string;
  /** The end of the log as it was; `leftOut` bytes came before it. */
  readonly text: string;
  readonly leftOut: number;
  /** Relative to the report. */
  readonly path: string;
  readonly open: boolean;
}

/** All that a report shows. */
export interface RunReport {
  readonly record: RunRecord;
  /** This account has not recorded it in this workspace: nothing of it is certain. */
  readonly foreign: boolean;
  readonly timing: Timing | null;
  readonly plan: PlanGraph | null;
  readonly comparison: Comparison | null;
  readonly logs: readonly ReportLog[];
  /** The run's directory, relative to the report. */
  readonly place: string;
  readonly version: string;
}
