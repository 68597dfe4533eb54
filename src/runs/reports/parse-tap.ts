import { plural } from "../../core/counted.ts";
import { isBad, nameWithin, type TestCase, type TestSuite, testCase } from "./suite.ts";
import type { TapDirective } from "./tap-lines.ts";
import { readTap, type TapPoint, type TapStream } from "./tap-tree.ts";
import { readTapYaml } from "./tap-yaml.ts";

/**
 * The tests of a TAP stream (13 or 14). A test that has subtests is not counted beside them, unless it alone failed;
 * their class name is its name. Tests that the plan announced and that never came are errors. Throws Error when it has no
 * plan: it was cut off, or is no TAP.
 */
export function parseTap(text: string, name: string): TestSuite {
  const { stream, bail } = readTap(text);
  const cases = casesOf(stream, { path: "", directive: null });
  const lost = bail ?? wrongCount(stream);
  return { name, properties: [], cases: lost === null ? cases : [...cases, lostCase(lost)] };
}

/** Where a stream belongs: the names of the tests around, as one, and what those say of all below. */
interface Place {
  readonly path: string;
  readonly directive: TapDirective | null;
}

function casesOf(stream: TapStream, place: Place): TestCase[] {
  if (stream.points.length === 0 && stream.planned === 0 && place.path === "")
    return [testCase("the whole stream", { outcome: "skipped", message: stream.reason })];
  return stream.points.flatMap((point, at) => casesOfPoint(point, at + 1, place));
}

function casesOfPoint(point: TapPoint, position: number, { path, directive }: Place): TestCase[] {
  const own = { path, directive: directive ?? point.test.directive };
  const single = caseOf(point, position, own);
  const { subtests } = point;
  if (subtests === null || (subtests.points.length === 0 && subtests.planned === 0)) return [single];
  const place = { path: nameWithin(path, single.name), directive: own.directive };
  const inner = casesOf(subtests, place);
  const lost = own.directive === null && subtests.planned !== null ? wrongCount(subtests) : null;
  const cases = lost === null ? inner : [...inner, { ...lostCase(lost), classname: place.path }];
  const isTold = single.outcome !== "failed" || cases.some(isBad);
  return isTold ? cases : [...cases, single];
}

function caseOf({ test, yaml, early, notes, subtests }: TapPoint, position: number, place: Place): TestCase {
  const { ok, description, number, directive } = test;
  const facts = yaml === null ? null : readTapYaml(yaml);
  const skip = ok && directive === null ? subtests?.reason : undefined;
  const outcome = outcomeOf(ok, directive, place.directive, skip);
  const name = description || subtests?.name || `test ${number ?? position}`;
  const reason = (directive ?? place.directive)?.reason || skip || "";
  return testCase(name, {
    classname: place.path,
    seconds: test.seconds ?? facts?.seconds ?? null,
    outcome,
    message: outcome === "passed" ? "" : outcome === "skipped" ? reason : (facts?.message ?? ""),
    text: ok ? "" : (notes.length > 0 ? notes : early).join("\n"),
    file: facts?.file ?? null,
    line: facts?.line ?? null,
  });
}

/** A test marked TODO is skipped, whatever its result: Test::More runs it, other producers only list it. */
function outcomeOf(
  ok: boolean,
  own: TapDirective | null,
  inherited: TapDirective | null,
  skip: string | undefined,
): TestCase["outcome"] {
  if (own !== null || skip) return "skipped";
  if (ok) return inherited?.kind === "skip" ? "skipped" : "passed";
  return inherited === null ? "failed" : "skipped";
}

function wrongCount({ planned, points: { length: came } }: TapStream): string | null {
  if (planned === null)
    throw new Error(
      came === 0 ? "no TAP: it has neither a plan nor tests" : `cut off: ${plural(came, "test")}, no plan`,
    );
  if (came > planned) return `${came} tests came, ${planned} were planned`;
  return came < planned ? `${planned - came} of ${planned} planned tests never came` : null;
}

function lostCase(message: string): TestCase {
  return testCase("the whole stream", { about: "report", outcome: "error", message });
}
