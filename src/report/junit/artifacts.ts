import { join } from "node:path";
import type { JobRecord } from "../../core/run-record.ts";
import { jobFile } from "../../runs/layout.ts";
import { readArtifact } from "../../system/artifact-files.ts";
import { formatBytes } from "../format.ts";
import { decodeText, decodeXml } from "./decode.ts";
import { parseJUnit } from "./parse-junit.ts";
import { parseTap } from "./parse-tap.ts";
import { type TestCase, type TestSuite, testCase } from "./suite.ts";

const LARGEST = 64 * 1024 * 1024;

/** What one file of a job says; a broken one is an error. */
interface ReportFile {
  readonly path: string;
  readonly suites: readonly TestSuite[];
}

/**
 * The suites of the JUnit (`*.xml`) and TAP (`*.tap`) files that a job left in `/artifacts`, by the files' names; a broken
 * one is an error. Suites of one name in several files have those files' names as well.
 */
export function suitesOfArtifacts({ job, artifacts }: JobRecord, jobDirectory: string): TestSuite[] {
  const files = artifacts
    .filter(({ path, type }) => type === "file" && /\.(xml|tap)$/i.test(path))
    .toSorted((one, other) => (one.path < other.path ? -1 : 1))
    .map(({ path, size }): ReportFile => {
      const directory = jobFile.artifacts(jobDirectory);
      return { path, suites: size > LARGEST ? [tooLarge(job, path)] : suitesOf(job, path, directory) };
    });
  const filesOf = countFiles(files);
  return files.flatMap(({ path, suites }) =>
    suites.map(({ name, cases, ...suite }) => {
      const isShared = name !== "" && name !== path && (filesOf.get(name) ?? 0) > 1;
      const shown = isShared ? `${path}: ${name}` : name || path;
      return { ...suite, name: `${job}: ${shown}`, cases: cases.map(inWorkspace) };
    }),
  );
}

/** Files of the guest's workspace by the names that they have in the repository, so that a service finds them. */
function inWorkspace(one: TestCase): TestCase {
  return { ...one, file: one.file?.replace(/^(?:file:\/\/)?\/workspace\//, "") ?? null };
}

/** In how many files each name of a suite stands. */
function countFiles(files: readonly ReportFile[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { suites } of files)
    for (const name of new Set(suites.map((suite) => suite.name)))
      counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function suitesOf(job: string, path: string, directory: string): readonly TestSuite[] {
  const bytes = readArtifact(join(directory, path), LARGEST);
  if (bytes === null) return [broken(job, path, "cannot be read by this name")];
  try {
    if (/\.tap$/i.test(path)) return [parseTap(decodeText(bytes), path)];
    return parseJUnit(decodeXml(bytes)) ?? [];
  } catch (error) {
    return [broken(job, path, error instanceof Error ? error.message : String(error))];
  }
}

function tooLarge(job: string, path: string): TestSuite {
  return broken(job, path, `larger than ${formatBytes(LARGEST)}; its tests are not listed here`);
}

function broken(job: string, path: string, message: string): TestSuite {
  const one = testCase(path, { classname: job, outcome: "error", message });
  return { name: path, properties: [], cases: [one] };
}
