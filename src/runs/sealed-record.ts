import * as z from "zod";
import { canonicalJson } from "../core/canonical-json.ts";
import type { JobName } from "../core/ids.ts";
import type { TreeDigests } from "../tree/tree-digests.ts";
import { isSealed, type Sealer, seal } from "./seal.ts";

/**
 * BLAKE3 by path in the run's directory: of documents and logs. For the events, the number of bytes stands before it; for an
 * artifact, its type (`TreeDigests`).
 */
export type FileDigests = Readonly<Record<string, string>>;

/** The digests of a job's artifacts, by path below them, of those of a run's files. */
export function artifactDigestsOf(job: JobName, digests: FileDigests): TreeDigests {
  const prefix = `jobs/${job}/artifacts/`;
  const found = Object.entries(digests).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, digest]) => [name.slice(prefix.length), digest]));
}

const WORD = "pikaci-record-mac/1";

const schema = z.looseObject({ digests: z.record(z.string(), z.string()), mac: z.string() });

/** A record as it is stored: with the digests, and sealed together with them. */
export function sealedRecord(sealer: Sealer, record: object, digests: FileDigests): object {
  const body = { ...record, digests };
  return { ...body, mac: seal(sealer, WORD, [canonicalJson(body)]) };
}

/** The digests of a stored record that this account has sealed for this workspace; null for any other document. */
export function sealedDigests(sealer: Sealer, stored: unknown): FileDigests | null {
  const parsed = schema.safeParse(stored);
  if (!parsed.success) return null;
  const { mac, ...body } = parsed.data;
  return isSealed(sealer, WORD, [canonicalJson(body)], mac) ? body.digests : null;
}
