import { join } from "node:path";
import type { JobRecord } from "../../core/run-record.ts";
import { jobFile } from "../../runs/layout.ts";
import { readArtifact } from "../../system/artifact-files.ts";
import { formatBytes } from "../format.ts";
import { parseJUnit } from "./parse-junit.ts";
import { parseTap } from "./parse-tap.ts";
import type { TestCase, TestSuite } from "./suite.ts";

const LARGEST = 64 * 1024 * 1024;

/** The suites of the JUnit (`*.xml`) and TAP (`*.tap`) files that a job left in `/artifacts`; a broken one is an error. */
export function suitesOfArtifacts({ job, artifacts }: JobRecord, jobDirectory: string): TestSuite[] {
  const files = artifacts.filter(({ path, type }) => type === "file" && /\.(xml|tap)$/i.test(path));
  return files.flatMap(({ path, size }) => {
    if (size > LARGEST)
      return [broken(job, path, `larger than ${formatBytes(LARGEST)}; its tests are not listed here`)];
    const bytes = readArtifact(join(jobFile.artifacts(jobDirectory), path), LARGEST);
    return bytes === null ? [broken(job, path, "cannot be read by this name")] : suitesOf(job, path, bytes);
  });
}

function suitesOf(job: string, path: string, bytes: Buffer): TestSuite[] {
  const text = new TextDecoder("utf-8").decode(bytes);
  try {
    if (/\.tap$/i.test(path)) return [parseTap(text, `${job}: ${path}`)];
    const suites = parseJUnit(text) ?? [];
    return suites.map(({ name, cases }) => ({ name: `${job}: ${name || path}`, cases }));
  } catch (error) {
    return [broken(job, path, error instanceof Error ? error.message : String(error))];
  }
}

function broken(job: string, path: string, message: string): TestSuite {
  const one: TestCase = { name: path, classname: job, seconds: null, outcome: "error", message, text: "" };
  return { name: `${job}: ${path}`, cases: [one] };
}
