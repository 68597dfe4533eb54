import { randomBytes } from "node:crypto";
import { makeRunId, type RunId } from "../core/ids.ts";

/** A run id that no other run has. */
export function newRunId(now: Date): RunId {
  return makeRunId(now, randomBytes(4).toString("hex"));
}
