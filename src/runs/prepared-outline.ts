import type { Prepared } from "../core/prepared.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";

/** What a run has prepared; `records` are the host's own, with Nix's JSON. */
export type PreparedWithRecords = Prepared & { readonly records?: readonly object[] };

/** The document `prepared-outputs.json`; builders' output is in the logs of the jobs that failed because of them. */
export function preparedOutline({ outputs, unbuilt, records = [] }: PreparedWithRecords): object {
  const failed = [...unbuilt.values()].map(({ failure: { log: _, ...failure }, ...output }) => ({
    ...output,
    failure,
  }));
  return { schema_version: SCHEMA_VERSION, outputs: [...outputs.values()], unbuilt: failed, records };
}
