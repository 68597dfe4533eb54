import * as z from "zod";
import { firstIssue } from "../core/document.ts";
import { type RunRecord, runRecordSchema } from "../core/run-record.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";

export type ParsedRecord = { readonly record: RunRecord } | { readonly broken: string };

/** A `run.json`, checked; `runId` is the directory's name, which the record must repeat. */
export function parseRecord(value: unknown, runId: string): ParsedRecord {
  const version = z.object({ schema_version: z.number() }).safeParse(value);
  if (version.success && version.data.schema_version !== SCHEMA_VERSION)
    return { broken: `written by another version of pikaci (schema_version ${version.data.schema_version})` };
  const parsed = runRecordSchema.safeParse(value);
  if (!parsed.success) return { broken: `not a run record: ${firstIssue(parsed.error, "run.json")}` };
  if (parsed.data.run_id !== runId)
    return { broken: `belongs to the run ${JSON.stringify(parsed.data.run_id)}` };
  return { record: parsed.data };
}
