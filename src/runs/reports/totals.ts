import { plural } from "../../core/counted.ts";
import { parseCount } from "./numbers.ts";
import { isBad, type TestCase, type TestSuite, testCase } from "./suite.ts";
import type { Element } from "./xml-tree.ts";

/** What was read of an element: the suites in it, and itself as the first if it is one. */
export interface Read {
  readonly suites: readonly TestSuite[];
  /** How many elements say that a test went wrong. */
  readonly faults: number;
  /** How many `testsuite` elements have a test that went wrong, in them or deeper. */
  readonly broken: number;
}

/**
 * What was read of a suite or of all suites, compared with the totals that their producer wrote there. Failures that no
 * test accounts for are those of the tests without an outcome, when there are as many; else they are an error of the
 * suite. Totals of tests are compared only where no test is listed, because Catch2 counts assertions there.
 */
export function withTotals({ name, attributes }: Element, read: Read): Read {
  const { suites, faults } = read;
  const cases = suites.flatMap((suite) => suite.cases);
  const announced = (parseCount(attributes["failures"]) ?? 0) + (parseCount(attributes["errors"]) ?? 0);
  const lost = announced - Math.max(faults, cases.filter(isBad).length);
  const tests = parseCount(attributes["tests"]) ?? 0;
  if (lost > 0) return { ...read, suites: accountFor(name, suites, announced, lost), faults: faults + lost };
  if (cases.length > 0 || tests === 0) return read;
  return { ...read, suites: withError(suites, `its totals say ${plural(tests, "test")}, none is listed`) };
}

/**
 * What node's test runner says at the end, in comments: `fail 3`. It counts tests that have subtests as well, of which the
 * file says nothing when they alone failed.
 */
export function withSummary(comments: readonly string[], { suites, broken }: Read): readonly TestSuite[] {
  const failed = comments.flatMap((comment) => parseCount(/^fail (\d+)$/.exec(comment)?.[1]) ?? [])[0] ?? 0;
  const listed = suites.flatMap((suite) => suite.cases).filter(isBad).length;
  return failed > listed + broken
    ? withError(suites, `its summary says ${failed} failed, ${listed === 0 ? "none" : listed} of them listed`)
    : suites;
}

function accountFor(
  element: string,
  suites: readonly TestSuite[],
  announced: number,
  lost: number,
): readonly TestSuite[] {
  const [own, ...inner] = suites;
  const passed = own?.cases.filter(({ outcome }) => outcome === "passed").length ?? 0;
  if (own !== undefined && element === "testsuite" && inner.length === 0 && passed === lost)
    return [{ ...own, cases: own.cases.map(asFailed) }];
  const listed = announced - lost;
  const of = `${plural(announced, "failure")}, ${listed === 0 ? "none" : listed} of them listed`;
  return withError(suites, `its totals say ${of}`);
}

function asFailed(one: TestCase): TestCase {
  if (one.outcome !== "passed") return one;
  return { ...one, outcome: "failed", message: "its suite's totals count it as failed" };
}

/** On the first of the suites, which is the one with the totals. */
function withError([first, ...others]: readonly TestSuite[], message: string): readonly TestSuite[] {
  if (first === undefined) return [];
  const error = testCase("the whole suite", { about: "report", outcome: "error", message });
  return [{ ...first, cases: [...first.cases, error] }, ...others];
}
