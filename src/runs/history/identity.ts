import * as z from "zod";
import type { RunRecord } from "../../core/run-record.ts";
import { blake3Hex } from "../../system/blake3.ts";
import { isNoDocument, readBytes, readJson } from "../../system/client-files.ts";
import { jobFile } from "../layout.ts";

/** Whatever parts a key had when it was stored: a later pikaci's are others, and still equal among themselves. */
const stored = z.looseObject({ parts: z.record(z.string(), z.string()) });

/**
 * What is equal for two attempts at a job that should end alike: the parts of the verdict's key, or, for a job whose verdict is
 * not remembered, content hash, host and the job as it was. 64 hex digits; null when neither is known.
 */
export function jobIdentity({ snapshot, host }: RunRecord, jobDirectory: string): string | null {
  const parts = storedParts(jobFile.key(jobDirectory));
  if (parts !== null) return digestOf(["key", Object.entries(parts).sort()]);
  const spec = readBytes(jobFile.spec(jobDirectory));
  if (snapshot === null || spec === null) return null;
  return digestOf(["tree", snapshot.content_hash, host, blake3Hex(spec)]);
}

function digestOf(what: readonly unknown[]): string {
  return blake3Hex(Buffer.from(JSON.stringify(what)));
}

function storedParts(path: string): Readonly<Record<string, string>> | null {
  try {
    const parsed = stored.safeParse(readJson(path));
    return parsed.success ? parsed.data.parts : null;
  } catch (error) {
    if (error instanceof Error && isNoDocument(error)) return null;
    throw error;
  }
}
