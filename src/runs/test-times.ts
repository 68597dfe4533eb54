import { join, posix } from "node:path";
import { SaxesParser } from "saxes";
import type { JobName } from "../core/ids.ts";
import type { RunRecord } from "../core/run-record.ts";
import { shardOf } from "../core/shards.ts";
import { readArtifact } from "../system/artifact-files.ts";
import { jobFile, runFile } from "./layout.ts";
import { type RecordPlace, readRun, runIds } from "./stored-runs.ts";

/** Files of tests whose times are wanted. */
interface TimedFiles {
  /** The job whose shards divide them. */
  readonly job: JobName;
  readonly paths: readonly string[];
  /** Where the job runs in the guest: producers write paths relative to it. */
  readonly cwd: string;
}

/** How many of the newest runs are looked through, and how large a report is read. */
const MOST_RUNS = 20;
const LARGEST = 16 * 1024 * 1024;

/**
 * Milliseconds that files of tests took, from the JUnit reports that the job's shards left in earlier runs of this
 * account, the newest one that names a file. What cannot be read is passed over: times decide nothing but who does what.
 */
export function earlierTimes(place: RecordPlace, wanted: TimedFiles): Map<string, number> {
  const times = new Map<string, number>();
  for (const runId of runIds(place.stateDir).slice(-MOST_RUNS).reverse()) {
    if (times.size === wanted.paths.length) break;
    const run = readRun(place, runId);
    if (!("record" in run) || run.digests === null) continue;
    for (const [path, ms] of timesOfRun(run.record, run.directory, wanted))
      if (!times.has(path)) times.set(path, ms);
  }
  return times;
}

function timesOfRun({ jobs }: RunRecord, directory: string, wanted: TimedFiles): Map<string, number> {
  const reports = jobs
    .filter(({ job }) => job === wanted.job || shardOf(job)?.whole === wanted.job)
    .flatMap(({ job, artifacts }) =>
      artifacts
        .filter(({ path, type, size }) => type === "file" && size <= LARGEST && path.endsWith(".xml"))
        .map(({ path }) => join(jobFile.artifacts(runFile.job(directory, job)), path)),
    );
  const cases = reports.flatMap((file) => casesIn(readArtifact(file, LARGEST)?.toString("utf8") ?? ""));
  return timesByFile(cases, wanted);
}

/** A test as far as it tells how long which file took. */
interface TimedCase {
  /** What may name its file: attributes of the test and of the suites around it. */
  readonly names: readonly string[];
  readonly seconds: number;
}

/** The tests in a JUnit file; of a broken one, those before the fault. */
export function casesIn(xml: string): TimedCase[] {
  const cases: TimedCase[] = [];
  const around: string[][] = [];
  const parser = new SaxesParser();
  parser.on("opentag", ({ name, attributes }) => {
    if (name === "testsuite") around.push([attributes["file"] ?? "", attributes["name"] ?? ""]);
    if (name !== "testcase") return;
    const own = [attributes["file"] ?? "", attributes["classname"] ?? "", attributes["name"] ?? ""];
    cases.push({ names: [...own, ...around.flat()], seconds: Number(attributes["time"] ?? Number.NaN) });
  });
  parser.on("closetag", ({ name }) => {
    if (name === "testsuite") around.pop();
  });
  let isBroken = false;
  parser.on("error", () => {
    isBroken = true;
  });
  // In pieces, as the parser goes on after a fault.
  for (let at = 0; at < xml.length && !isBroken; at += 65_536) parser.write(xml.slice(at, at + 65_536));
  return cases.filter(({ seconds }) => Number.isFinite(seconds) && seconds >= 0);
}

/**
 * The times of tests, summed by file. A test names its file by path, in the guest's workspace or relative to where it ran, or, as
 * Python does, as a module: `tests.test_api.TestUser` is of tests/test_api.py.
 */
export function timesByFile(
  cases: readonly TimedCase[],
  { paths, cwd }: Pick<TimedFiles, "paths" | "cwd">,
): Map<string, number> {
  const known = new Map([
    ...paths.filter((path) => path.endsWith(".py")).map((path) => [moduleOf(path), path] as const),
    ...paths.map((path) => [path, path] as const),
  ]);
  const times = new Map<string, number>();
  for (const { names, seconds } of cases) {
    const path = firstKnown(names, known, cwd);
    if (path !== undefined) times.set(path, (times.get(path) ?? 0) + Math.round(seconds * 1000));
  }
  return times;
}

function firstKnown(
  names: readonly string[],
  known: ReadonlyMap<string, string>,
  cwd: string,
): string | undefined {
  for (const name of names) {
    const path = posix.relative("/workspace", posix.resolve(cwd, name.replace(/^file:\/\//, "")));
    const found = known.get(path) ?? outermost(name, known);
    if (name !== "" && found !== undefined) return found;
  }
  return undefined;
}

/** The module that a class is in. */
function outermost(name: string, known: ReadonlyMap<string, string>): string | undefined {
  if (!/^[\w.]+$/.test(name)) return undefined;
  const parts = name.split(".");
  const shorter = parts.map((_, index) => parts.slice(0, parts.length - index).join("."));
  return shorter.flatMap((module) => known.get(module) ?? [])[0];
}

function moduleOf(path: string): string {
  return path.slice(0, -".py".length).replaceAll("/", ".");
}
