import type { TestCase, TestOutcome, TestProperty, TestRerun, TestSuite } from "../../runs/reports/suite.ts";
import { escapeHtml } from "../html/escape.ts";
import { sanitise } from "../sanitise.ts";

/** Suites as one JUnit file; text is without terminal escapes and without what XML forbids. */
export function junitDocument(name: string, suites: readonly TestSuite[]): string {
  const all = suites.flatMap((suite) => suite.cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name, ...counts(all) })}>`,
    ...suites.flatMap(suiteLines),
    "</testsuites>",
    "",
  ].join("\n");
}

function suiteLines({ name, properties, cases }: TestSuite): string[] {
  const about = propertiesText(properties);
  return [
    `  <testsuite ${attributes({ name, ...counts(cases) })}>`,
    ...(about === "" ? [] : [`    ${about}`]),
    ...cases.map((one) => `    ${caseText(one)}`),
    "  </testsuite>",
  ];
}

const ELEMENTS: Readonly<Record<Exclude<TestOutcome, "passed">, string>> = {
  failed: "failure",
  error: "error",
  skipped: "skipped",
};

function caseText(one: TestCase): string {
  const { name, classname, seconds, file, line, properties } = one;
  const known = {
    name,
    classname,
    ...(seconds === null ? {} : { time: seconds.toFixed(3) }),
    ...(file === null ? {} : { file }),
    ...(line === null ? {} : { line: String(line) }),
  };
  const head = `<testcase ${attributes(known)}`;
  const content =
    propertiesText(properties) + outcomeText(one) + one.reruns.map((rerun) => rerunText(one, rerun)).join("");
  return content === "" ? `${head}/>` : `${head}>${content}</testcase>`;
}

function propertiesText(properties: readonly TestProperty[]): string {
  if (properties.length === 0) return "";
  const each = properties.map(({ name, value }) => `<property ${attributes({ name, value })}/>`);
  return `<properties>${each.join("")}</properties>`;
}

function outcomeText({ outcome, message, text }: TestCase): string {
  if (outcome === "passed") return "";
  const element = ELEMENTS[outcome];
  return `<${element} ${attributes({ message })}>${xmlText(text)}</${element}>`;
}

const RERUNS: Readonly<Record<TestRerun["outcome"], string>> = { failed: "Failure", error: "Error" };

/** As Maven's Surefire writes it: `flaky…` of a test that passed in the end, `rerun…` of one that did not. */
function rerunText({ outcome }: TestCase, { message, text, ...rerun }: TestRerun): string {
  const name = `${outcome === "passed" ? "flaky" : "rerun"}${RERUNS[rerun.outcome]}`;
  const trace = text === "" ? "" : `<stackTrace>${xmlText(text)}</stackTrace>`;
  return `<${name} ${attributes({ message, type: "" })}>${trace}</${name}>`;
}

function counts(cases: readonly TestCase[]): Record<string, string> {
  const count = (outcome: TestOutcome) => String(cases.filter((one) => one.outcome === outcome).length);
  const seconds = cases.reduce((sum, one) => sum + (one.seconds ?? 0), 0);
  return {
    tests: String(cases.length),
    failures: count("failed"),
    errors: count("error"),
    skipped: count("skipped"),
    ...flakes(cases),
    time: seconds.toFixed(3),
  };
}

/** Surefire's own total, of tests that passed at a later attempt. */
function flakes(cases: readonly TestCase[]): Record<string, string> {
  const count = cases.filter(({ outcome, reruns }) => outcome === "passed" && reruns.length > 0).length;
  return count === 0 ? {} : { flakes: String(count) };
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${xmlText(value).replaceAll("\n", "&#10;").replaceAll("\t", "&#9;")}"`)
    .join(" ");
}

/** XML 1.0 has no lone surrogates and no U+FFFE and U+FFFF, however they are written. */
function xmlText(text: string): string {
  return escapeHtml(sanitise(text).replace(/[\p{Cs}\ufffe\uffff]/gu, "\ufffd"));
}
