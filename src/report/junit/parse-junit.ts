import { SaxesParser, type SaxesTagPlain } from "saxes";
import type { TestCase, TestOutcome, TestSuite } from "./suite.ts";

const OUTCOMES: Readonly<Record<string, TestOutcome>> = {
  failure: "failed",
  error: "error",
  skipped: "skipped",
};
const DEEPEST = 100;

/**
 * The suites of a JUnit file; null when its root element is not one of JUnit's. Throws Error, with the place where there
 * is one, when it is broken, or has not one test.
 */
export function parseJUnit(text: string): TestSuite[] | null {
  const reader = new Reader();
  const parser = new SaxesParser({});
  let isJUnit: boolean | null = null;
  parser.on("opentag", (tag) => {
    isJUnit ??= tag.name === "testsuites" || tag.name === "testsuite";
    if (isJUnit) reader.open(tag);
  });
  parser.on("closetag", (tag) => reader.close(tag.name));
  parser.on("text", (part) => reader.text(part));
  parser.on("cdata", (part) => reader.text(part));
  parser.on("error", (error) => {
    if (isJUnit !== false) throw error;
  });
  parser.write(text).close();
  if (isJUnit === null) throw new Error("no root element");
  if (!isJUnit) return null;
  const suites = reader.suites();
  if (suites.length === 0) throw new Error("a JUnit file without a test");
  return suites;
}

interface OpenCase {
  readonly name: string;
  readonly classname: string;
  readonly seconds: number | null;
  readonly suite: string;
  /** What befell a suite outside of its tests. */
  readonly isSuite: boolean;
  outcome: TestOutcome;
  message: string;
  text: string;
}

class Reader {
  readonly #suites = new Map<string, TestCase[]>();
  readonly #path: string[] = [];
  #case: OpenCase | null = null;
  #depth = 0;
  #inOutcome = false;

  suites(): TestSuite[] {
    return [...this.#suites].map(([name, cases]) => ({ name, cases }));
  }

  open({ name, attributes }: SaxesTagPlain): void {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new Error(`elements lie in each other more than ${DEEPEST} deep`);
    if (name === "testsuite") this.#path.push(attributes["name"] ?? "");
    if (name === "testcase") this.#case = this.#openCase(attributes);
    const outcome = Object.hasOwn(OUTCOMES, name) ? OUTCOMES[name] : undefined;
    if (outcome === undefined) return;
    if (this.#case === null && outcome === "skipped") return;
    this.#case ??= this.#openCase({ name: "the whole suite" }, "suite");
    this.#inOutcome = true;
    this.#case.outcome = outcome;
    this.#case.message ||= attributes["message"] ?? "";
  }

  text(part: string): void {
    if (this.#inOutcome && this.#case !== null) this.#case.text += part;
  }

  close(name: string): void {
    this.#depth -= 1;
    if (name === "testsuite") this.#path.pop();
    if (Object.hasOwn(OUTCOMES, name)) this.#inOutcome = false;
    const isEnd = name === "testcase" || (this.#case?.isSuite === true && Object.hasOwn(OUTCOMES, name));
    if (!isEnd || this.#case === null) return;
    const { suite, isSuite, ...done } = this.#case;
    const cases = this.#suites.get(suite) ?? [];
    cases.push(done);
    this.#suites.set(suite, cases);
    this.#case = null;
  }

  #openCase(attributes: Readonly<Record<string, string>>, of: "test" | "suite" = "test"): OpenCase {
    const seconds = Number(attributes["time"] ?? "x");
    return {
      name: attributes["name"] ?? "",
      classname: attributes["classname"] ?? "",
      seconds: Number.isFinite(seconds) && seconds >= 0 ? seconds : null,
      isSuite: of === "suite",
      suite: this.#path.filter((part) => part !== "").join(" / "),
      outcome: "passed",
      message: "",
      text: "",
    };
  }
}
