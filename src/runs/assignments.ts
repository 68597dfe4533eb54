import { join } from "node:path";
import * as z from "zod";
import type { Context, Memory } from "../core/context.ts";
import { InfraError } from "../core/errors.ts";
import type { JobName } from "../core/ids.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import { assignmentSchema } from "../core/shard-documents.ts";
import { encodeFields } from "../nix/outputs.ts";
import { blake3Hex } from "../system/blake3.ts";
import {
  changedAt,
  isNoDocument,
  listDirectory,
  makeDirectory,
  readJson,
  removeFile,
  writeJson,
} from "../system/client-files.ts";

/** How many divisions a workspace keeps; the oldest are removed. */
const LIMIT = 200;

/** What a division is of: as long as all of this is the same, so is the division, and with it the shards' verdicts. */
export interface Division {
  readonly job: JobName;
  readonly count: number;
  /** The content hash of the files that the job's verdict depends on. */
  readonly inputs: string;
  /** The files that are divided, in order. */
  readonly paths: readonly string[];
}

/** The lists of an earlier run; null when there is none, or when it does not have each of the files once. */
export function rememberedDivision(
  { directory }: Memory,
  division: Division,
): readonly (readonly string[])[] | null {
  if (directory === null) return null;
  try {
    const { job, shards } = assignmentSchema.parse(readJson(fileOf(directory, division)));
    const all = shards.flat().sort();
    const isWhole = shards.length === division.count && shards.every(({ length }) => length > 0);
    return job === division.job && isWhole && isSame(all, division.paths) ? shards : null;
  } catch (error) {
    if (error instanceof z.ZodError || isNoDocument(error)) return null;
    throw error;
  }
}

/** Keeps a division for later runs. A warning when it cannot be kept: the next run then divides anew, and runs again what it has to. */
export function rememberDivision(
  division: Division,
  shards: readonly (readonly string[])[],
  { memory: { directory }, emit }: Pick<Context, "memory" | "emit">,
): void {
  if (directory === null) return;
  const place = join(directory, "shards");
  try {
    makeDirectory(place);
    writeJson(fileOf(directory, division), { schema_version: SCHEMA_VERSION, job: division.job, shards });
    prune(place);
  } catch (error) {
    if (!(error instanceof InfraError)) throw error;
    const message = `how the files of ${division.job} are divided is not remembered: ${error.message}`;
    emit({ type: "warning", message, hint: error.hint ?? null });
  }
}

function prune(place: string): void {
  const files = listDirectory(place).map((name) => join(place, name));
  if (files.length <= LIMIT) return;
  const aged = files
    .map((file) => ({ file, at: changedAt(file)?.getTime() ?? 0 }))
    .sort((a, b) => a.at - b.at);
  for (const { file } of aged.slice(0, files.length - LIMIT)) removeFile(file);
}

function fileOf(directory: string, { job, count, inputs, paths }: Division): string {
  const key = blake3Hex(encodeFields(["pikaci-shards/1", job, String(count), inputs, ...paths]));
  return join(directory, "shards", `${key}.json`);
}

function isSame(all: readonly string[], others: readonly string[]): boolean {
  return all.length === others.length && all.every((path, index) => path === others[index]);
}
