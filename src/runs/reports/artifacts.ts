import { join } from "node:path";
import { formatBytes } from "../../core/counted.ts";
import type { JobRecord } from "../../core/run-record.ts";
import { readArtifact } from "../../system/artifact-files.ts";
import { jobFile } from "../layout.ts";
import { decodeText, decodeXml } from "./decode.ts";
import { parseJUnit } from "./parse-junit.ts";
import { parseTap } from "./parse-tap.ts";
import { MOST_TESTS, type TestCase, type TestSuite, testCase } from "./suite.ts";

const LARGEST = 64 * 1024 * 1024;
/** Bytes of a job's reports; each may be five in the document that is made of them, which is one string. */
const MOST_BYTES = 100_000_000;

const inAll = (most: string) => `${most} with the files before it`;
const TOO_MANY = `more than ${inAll(`${MOST_TESTS.toLocaleString("en")} tests`)}; they are not listed here`;

/** What one file of a job says; a broken one is an error. */
interface ReportFile {
  readonly path: string;
  readonly suites: readonly TestSuite[];
}

/**
 * The suites of the JUnit (`*.xml`) and TAP (`*.tap`) files that a job left in `/artifacts`, by the files' names; a broken
 * one is an error, and so is what is more than a client's memory should hold. Suites of one name in several files have those
 * files' names as well.
 */
export function suitesOfArtifacts(
  { job, artifacts }: Pick<JobRecord, "job" | "artifacts">,
  jobDirectory: string,
): TestSuite[] {
  const directory = jobFile.artifacts(jobDirectory);
  let bytes = MOST_BYTES;
  let tests = MOST_TESTS;
  const files = artifacts
    .filter(({ path, type }) => type === "file" && /\.(xml|tap)$/i.test(path))
    .toSorted((one, other) => (one.path < other.path ? -1 : 1))
    .map(({ path, size }): ReportFile => {
      const most =
        size > LARGEST ? formatBytes(LARGEST) : size > bytes ? inAll(formatBytes(MOST_BYTES)) : null;
      if (most !== null)
        return { path, suites: [broken(job, path, `larger than ${most}; its tests are not listed here`)] };
      const suites = suitesOf(job, path, directory);
      const count = suites.reduce((sum, { cases }) => sum + cases.length, 0);
      if (count > tests) return { path, suites: [broken(job, path, TOO_MANY)] };
      bytes -= count === 0 ? 0 : size;
      tests -= count;
      return { path, suites };
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

function broken(job: string, path: string, message: string): TestSuite {
  const one = testCase(path, { classname: job, about: "report", outcome: "error", message });
  return { name: path, properties: [], cases: [one] };
}
