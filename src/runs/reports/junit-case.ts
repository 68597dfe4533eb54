import { parseCount, parseSeconds } from "./numbers.ts";
import { type TestCase, type TestOutcome, type TestProperty, type TestRerun, testCase } from "./suite.ts";
import { childrenOf, type Element, textIn } from "./xml-tree.ts";

/** What befell a test, by the names of the elements that say so; of several, the highest rank counts. */
const OUTCOMES: Readonly<Record<string, { readonly outcome: TestOutcome; readonly rank: number }>> = {
  error: { outcome: "error", rank: 3 },
  failure: { outcome: "failed", rank: 2 },
  skipped: { outcome: "skipped", rank: 1 },
  disabled: { outcome: "skipped", rank: 1 },
};

/**
 * What producers write of a test that is no fault in their own eyes, or that is one although they write no fault: the
 * element, its type or message, and what it is. One of them decides, whatever stands beside it.
 */
const OWN_WORDS: readonly {
  readonly producer: string;
  readonly name: string;
  readonly type?: RegExp;
  readonly message?: RegExp;
  readonly status?: string;
  readonly outcome: TestOutcome;
}[] = [
  { producer: "node", name: "skipped", type: /^todo$/, outcome: "skipped" },
  { producer: "Catch2", name: "skipped", message: /^TEST_CASE tagged with !mayfail$/, outcome: "skipped" },
  { producer: "PHPUnit", name: "error", type: /\\RiskyTestError$/, outcome: "skipped" },
  { producer: "CTest", name: "skipped", status: "notrun", message: /^(?!SKIP_)./, outcome: "error" },
];

/** Values of `status` and `result`, in lower case, of a test without such an element that did not pass. */
const STATUSES: Readonly<Record<string, TestOutcome>> = {
  notrun: "skipped",
  disabled: "skipped",
  suppressed: "skipped",
  skipped: "skipped",
  ignored: "skipped",
  pending: "skipped",
  todo: "skipped",
  fail: "failed",
  failed: "failed",
  failure: "failed",
  error: "error",
  timeout: "failed",
};

/** How a producer uses JUnit's elements: as most do, or as tap 21. */
export type JUnitForm = "common" | "tap";

/** A `testcase`; `file` is that of its suite. */
export function caseOf(
  element: Element,
  { file, form }: { readonly file: string | null; readonly form: JUnitForm },
): TestCase {
  const { attributes } = element;
  const { outcome, message, text } = (form === "tap" ? tapVerdict(element) : null) ?? verdictOf(element);
  return testCase(attributes["name"] ?? "", {
    classname: attributes["classname"] ?? "",
    seconds: parseSeconds(attributes["time"]),
    outcome,
    message,
    text: text === "" && outcome !== "passed" ? output(element) : text,
    file: attributes["file"] || file,
    line: parseCount(attributes["line"] ?? attributes["lineno"]),
    properties: propertiesOf(element),
    reruns: rerunsOf(element),
  });
}

/** An `error` or a `failure` of a suite outside of its tests. */
export function caseOfSuite(outcome: Element, file: string | null): TestCase {
  const { name, attributes } = outcome;
  const message = (attributes["message"] ?? "").trim();
  const text = textIn(outcome).trim() === "" ? "" : textIn(outcome);
  return testCase("the whole suite", {
    about: "report",
    outcome: OUTCOMES[name]?.outcome ?? "error",
    message,
    text,
    file,
  });
}

/** How many elements in a `testcase` its suite's totals count as faults: Catch2 leaves out those that it expects. */
export function faultsIn(element: Element): number {
  const isLeftOut = childrenOf(element).some((child) => ownWord(element, child)?.producer === "Catch2");
  return isLeftOut ? 0 : childrenOf(element, "failure", "error").length;
}

/** The first test that went wrong without a word gets what its suite printed: Meson does not tell whose it is. */
export function withOutput(suite: Element, cases: readonly TestCase[]): readonly TestCase[] {
  const at = cases.findIndex(({ outcome }) => outcome === "failed" || outcome === "error");
  const first = cases[at];
  if (first === undefined || first.text !== "" || first.message !== "") return cases;
  return cases.with(at, { ...first, text: output(suite) });
}

export function propertiesOf(element: Element): readonly TestProperty[] {
  return childrenOf(element, "properties")
    .flatMap((list) => childrenOf(list, "property"))
    .map((one) => ({ name: one.attributes["name"] ?? "", value: one.attributes["value"] ?? textIn(one) }));
}

/** Surefire's elements for attempts that went wrong. */
const RERUNS: Readonly<Record<string, TestRerun["outcome"]>> = {
  flakyFailure: "failed",
  rerunFailure: "failed",
  flakyError: "error",
  rerunError: "error",
};

function rerunsOf(element: Element): readonly TestRerun[] {
  return childrenOf(element, ...Object.keys(RERUNS)).map((one) => ({
    outcome: RERUNS[one.name] ?? "error",
    message: one.attributes["message"] ?? "",
    text: childrenOf(one, "stackTrace").map(textIn).join("\n"),
  }));
}

/** tap says in a property of a test that it was skipped or is to do. */
function tapVerdict(element: Element): Pick<TestCase, "outcome" | "message" | "text"> | null {
  const said = propertiesOf(element).find(({ name }) => name === "skip" || name === "todo");
  return said === undefined ? null : { outcome: "skipped", message: said.value, text: "" };
}

function verdictOf(element: Element): Pick<TestCase, "outcome" | "message" | "text"> {
  const found = childrenOf(element, ...Object.keys(OUTCOMES));
  const decisive = found.find((child) => ownWord(element, child) !== undefined);
  if (decisive !== undefined)
    return { outcome: ownWord(element, decisive)?.outcome ?? "skipped", ...wordsOf([decisive]) };
  const rankOf = ({ name }: Element) => OUTCOMES[name]?.rank ?? 0;
  const highest = found.reduce((most, one) => Math.max(most, rankOf(one)), 0);
  const winners = found.filter((one) => rankOf(one) === highest);
  const outcome = OUTCOMES[winners[0]?.name ?? ""]?.outcome ?? statusOf(element);
  return { outcome, ...wordsOf(winners) };
}

function ownWord(test: Element, { name, attributes }: Element): (typeof OWN_WORDS)[number] | undefined {
  return OWN_WORDS.find(
    (word) =>
      word.name === name &&
      (word.type?.test(attributes["type"] ?? "") ?? true) &&
      (word.message?.test(attributes["message"] ?? "") ?? true) &&
      (word.status === undefined || word.status === test.attributes["status"]),
  );
}

function statusOf({ attributes }: Element): TestOutcome {
  const words = [attributes["status"], attributes["result"]].map((word) => (word ?? "").toLowerCase());
  const known = words.find((word) => Object.hasOwn(STATUSES, word));
  return known === undefined ? "passed" : (STATUSES[known] ?? "passed");
}

/** The first message, and all texts; messages of the others stand before their own texts. */
function wordsOf(winners: readonly Element[]): Pick<TestCase, "message" | "text"> {
  const parts = winners.map((one) => ({ message: one.attributes["message"] ?? "", text: textIn(one) }));
  const message = parts.find((part) => part.message !== "")?.message ?? "";
  const texts = parts.map((part) =>
    part.message === message || part.text.includes(part.message)
      ? part.text
      : `${part.message}\n${part.text}`,
  );
  return { message: message.trim(), text: texts.filter((text) => text.trim() !== "").join("\n\n") };
}

/** What a test printed: where its producer gives no text for the outcome, the reason is there. */
function output(element: Element): string {
  return childrenOf(element, "system-out", "system-err")
    .map(textIn)
    .filter((text) => text.trim() !== "")
    .join("\n");
}
