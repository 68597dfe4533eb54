import { caseOf, caseOfSuite, faultsIn, type JUnitForm, propertiesOf, withOutput } from "./junit-case.ts";
import { isBad, nameWithin, type TestCase, type TestSuite } from "./suite.ts";
import { type Read, withSummary, withTotals } from "./totals.ts";
import { childrenOf, type Element, parseXml } from "./xml-tree.ts";

const ROOTS: readonly string[] = ["testsuites", "testsuite"];
const KNOWN: readonly string[] = [
  ...ROOTS,
  "testcase",
  "properties",
  "system-out",
  "system-err",
  "error",
  "failure",
];
/** They hold text of tests, and no tests. */
const CLOSED: readonly string[] = ["properties", "system-out", "system-err"];

/**
 * The suites of a JUnit file, those with tests, in the file's order; null when the file is other XML. Throws Error, with
 * the place where there is one, when it is broken, or has not one test.
 */
export function parseJUnit(text: string): TestSuite[] | null {
  const document = parseXml(text, (name) => ROOTS.includes(name));
  if (document === null || isForeign(document.root)) return null;
  const read = readSuite(document.root, { path: "", file: null, form: formOf(document.root) });
  const suites = withSummary(document.comments, read).filter(({ cases }) => cases.length > 0);
  if (suites.length === 0) throw new Error("a JUnit file without a test");
  return suites;
}

/** Others call their root `testsuites`, too: Check, in a namespace of its own and with other children. */
function isForeign(root: Element): boolean {
  const children = childrenOf(root);
  if (children.some(({ name }) => KNOWN.includes(name))) return false;
  return (root.attributes["xmlns"] ?? "") !== "" || children.length > 0;
}

interface Place {
  /** Names of the suites around, as one. */
  readonly path: string;
  readonly file: string | null;
  readonly form: JUnitForm;
}

function readSuite(element: Element, outer: Place): Read {
  const place = placeOf(element, outer);
  const own: TestCase[] = [];
  const inner: TestSuite[] = [];
  let faults = 0;
  let broken = 0;
  const again = place.form === "tap" ? faultsOfSuites(element) : null;
  for (const child of childrenOf(element)) {
    if (child.name === "testcase") {
      if ((again?.get(child.attributes["name"] ?? "") ?? -1) >= faultsIn(child)) continue;
      own.push(caseOf(child, place));
      faults += faultsIn(child);
    } else if (child.name === "failure" || child.name === "error") {
      own.push(caseOfSuite(child, place.file));
      faults += 1;
    } else if (!CLOSED.includes(child.name)) {
      const read = readSuite(child, place);
      for (const suite of read.suites) inner.push(suite);
      faults += read.faults;
      broken += read.broken;
    }
  }
  const suite = {
    name: place.path,
    properties: propertiesOf(element),
    cases: withOutput(element, own),
  };
  const all = { suites: [suite, ...inner], faults, broken };
  const read = place.form === "tap" ? all : withTotals(element, all);
  const isBroken = element.name === "testsuite" && (broken > 0 || read.suites[0]?.cases.some(isBad));
  return isBroken ? { ...read, broken: broken + 1 } : read;
}

function placeOf({ name, attributes }: Element, outer: Place): Place {
  if (name !== "testsuite") return outer;
  const path = nameWithin(outer.path, attributes["name"] ?? "");
  return { ...outer, path, file: attributes["file"] || outer.file };
}

/** tap calls its root so. */
function formOf({ attributes }: Element): JUnitForm {
  return attributes["name"] === "TAP Tests" ? "tap" : "common";
}

/**
 * The most faults in the suites of each name: tap lists a test that has subtests as a suite, and as a test beside that, and
 * adds both to its totals.
 */
function faultsOfSuites(element: Element): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const suite of childrenOf(element, "testsuite")) {
    const name = suite.attributes["name"] ?? "";
    most.set(name, Math.max(most.get(name) ?? 0, faultsWithin(suite)));
  }
  return most;
}

function faultsWithin(suite: Element): number {
  return childrenOf(suite).reduce(
    (sum, child) => sum + (child.name === "testcase" ? faultsIn(child) : faultsWithin(child)),
    0,
  );
}
