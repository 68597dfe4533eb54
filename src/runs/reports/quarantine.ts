import { plural } from "../../core/counted.ts";
import type { JobResult } from "../../core/job-result.ts";
import type { JobRecord } from "../../core/run-record.ts";
import { suitesOfArtifacts } from "./artifacts.ts";
import { isBad, type TestCase } from "./suite.ts";

/** More failing tests than this are no flaky tests. */
const MOST_EXCUSED = 1000;
/** So many of them are named in a message. */
const NAMED = 3;

/** `CLASS > NAME` and `FILE > NAME`, as a pattern names a test; only its name where its report says neither. */
export function namesOf({ name, classname, file }: Pick<TestCase, "name" | "classname" | "file">): string[] {
  const places = [...new Set([classname, file ?? ""])].filter((place) => place !== "");
  return places.length === 0 ? [name] : places.map((place) => `${place} > ${name}`);
}

/** Matches a test that one of the patterns names; `*` stands for any text, and everything else for itself. */
export function quarantineOf(patterns: readonly string[]): (test: TestCase) => boolean {
  const parted = patterns.map((pattern) => pattern.split("*"));
  return (test) =>
    test.about === "test" && namesOf(test).some((name) => parted.some((parts) => matches(parts, name)));
}

/** Whether a text has the parts one after the other, from its beginning to its end. No regular expression: names are a guest's. */
function matches(parts: readonly string[], text: string): boolean {
  const [first = "", ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/**
 * The result of a job whose command failed when all of its tests that failed are in quarantine: `flaky`, and their names.
 * Else the result as it is; its message then says what is not excused, where something is. Reads what the job left in
 * `/artifacts`, below its directory on the client.
 */
export function excused(
  patterns: readonly string[],
  result: JobResult,
  left: Pick<JobRecord, "job" | "artifacts" | "artifacts_left_out">,
  jobDirectory: string,
): JobResult {
  if (patterns.length === 0 || !isPlainFailure(result)) return result;
  const { artifacts_left_out: leftOut } = left;
  const cases =
    leftOut.length > 0 ? [] : suitesOfArtifacts(left, jobDirectory).flatMap((suite) => suite.cases);
  const failing = cases.filter(isBad);
  const isExcused = quarantineOf(patterns);
  const [reason] = [
    ...leftOut.map((one) => `not all of its artifacts were kept: ${one}`),
    ...(failing.length === 0 ? ["its reports list no failing test"] : []),
    ...failing.filter(({ about }) => about === "report").map(({ name, message }) => `${name}: ${message}`),
    ...failing.filter((test) => !isExcused(test)).map((test) => `not in quarantine: ${tell(test)}`),
    ...(failing.length > MOST_EXCUSED ? [`${plural(failing.length, "test")} failed`] : []),
  ];
  if (reason !== undefined) return { ...result, message: `${result.message}; ${oneLine(reason)}` };
  const quarantined = [...new Set(failing.map((test) => oneLine(namesOf(test)[0] ?? "")))];
  const named = failing.slice(0, NAMED).map(tell).join(", ");
  const more = failing.length > NAMED ? ` and ${failing.length - NAMED} more` : "";
  const message = `${result.message}; only tests in quarantine failed: ${named}${more}`;
  return { ...result, status: "flaky", message, quarantined };
}

/** A job's test as a report shows it: one whose failure was excused is no failure there either. */
export function asExcused({
  quarantined = [],
}: Pick<JobResult, "quarantined">): (test: TestCase) => TestCase {
  const names = new Set(quarantined);
  return (test) =>
    isBad(test) && test.about === "test" && names.has(oneLine(namesOf(test)[0] ?? ""))
      ? { ...test, outcome: "skipped", message: `in quarantine: ${test.message}` }
      : test;
}

/** The command itself said that something failed: it was not ended, and it was found and started. */
function isPlainFailure({ status, signal, exit_code }: JobResult): boolean {
  return status === "failed" && signal === null && exit_code !== null && exit_code > 0 && exit_code < 126;
}

function tell(test: TestCase): string {
  return JSON.stringify(oneLine(namesOf(test)[0] ?? ""));
}

const LONGEST = 200;

/** A guest's own words, as part of a message. */
function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
}
