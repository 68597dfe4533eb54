import { join } from "node:path";
import { z } from "zod";
import { firstIssue } from "../../core/document.ts";
import type { JobName } from "../../core/ids.ts";
import { type Sarif, sarifSchema } from "../../core/sarif.ts";
import { jobFile, runFile } from "../../runs/layout.ts";
import { Mask } from "../../runs/mask.ts";
import { secretValues } from "../../runs/secrets.ts";
import { findStoredJob } from "../../runs/specs.ts";
import { artifactPaths, readArtifact } from "../../system/artifact-files.ts";
import type { Env } from "../../system/exec.ts";
import { formatBytes } from "../format.ts";
import { sanitise } from "../sanitise.ts";

/** Files of one job, and their bytes: what a document takes in memory may be forty times its size. */
const MOST = 100;
const MOST_BYTES = 32_000_000;

const TOO_LARGE = `cannot be read, or is larger than ${formatBytes(MOST_BYTES)} with the files before it; its places are not shown`;

/** What a job left as SARIF: documents with its secrets masked, and why others are none. */
export interface SarifFiles {
  readonly documents: readonly Sarif[];
  readonly complaints: readonly string[];
}

/** The `*.sarif` files that a job of a run left in `/artifacts`. */
export function readSarifFiles(runDirectory: string, job: JobName, env: Env): SarifFiles {
  const directory = jobFile.artifacts(runFile.job(runDirectory, job));
  const paths = artifactPaths(directory).filter((path) => /\.sarif$/i.test(path));
  const spec = findStoredJob(runDirectory, job);
  const mask = new Mask(secretValues(spec === null ? [] : [spec], env));
  let left = MOST_BYTES;
  const read = paths.slice(0, MOST).map((path) => {
    const bytes = readArtifact(join(directory, path), left);
    left -= bytes?.length ?? 0;
    const found = bytes === null ? TOO_LARGE : readSarif(bytes);
    return typeof found === "string" ? `${sanitise(path)}: ${found}` : mask.document(found);
  });
  const more = paths.length > MOST ? [`of ${paths.length} SARIF files, the first ${MOST} are read`] : [];
  return {
    documents: read.filter((one) => typeof one !== "string"),
    complaints: [...read.filter((one) => typeof one === "string"), ...more],
  };
}

/** The document, or why it is none. */
function readSarif(bytes: Buffer): Sarif | string {
  try {
    return sarifSchema.parse(JSON.parse(new TextDecoder("utf-8").decode(bytes)));
  } catch (error) {
    if (error instanceof z.ZodError) return `not SARIF 2.1.0: ${sanitise(firstIssue(error, "document"))}`;
    if (error instanceof SyntaxError) return "not JSON; its places are not shown";
    throw error;
  }
}
