import { SaxesParser, type SaxesTagPlain } from "saxes";
import type { TestCase, TestOutcome, TestSuite } from "./suite.ts";

const OUTCOMES: Readonly<Record<string, TestOutcome>> = {
  failure: "failed",
  error: "error",
  skipped: "skipped",
};
const DEEPEST = 100;

/** The suites of a JUnit file; null when its root element is not one of JUnit's. Throws Error with the place when broken. */
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
    if (isJUnit !== false && (isJUnit || looksLikeJUnit(text))) throw error;
  });
  parser.write(text).close();
  return isJUnit === true ? reader.suites() : null;
}

function looksLikeJUnit(text: string): boolean {
  return /<testsuites?[\s>]/.test(text.slice(0, 4096));
}

interface OpenCase {
  readonly name: string;
  readonly classname: string;
  readonly seconds: number | null;
  readonly suite: string;
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
    if (this.#case === null || outcome === undefined) return;
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
    if (name !== "testcase" || this.#case === null) return;
    const { suite, ...done } = this.#case;
    const cases = this.#suites.get(suite) ?? [];
    cases.push(done);
    this.#suites.set(suite, cases);
    this.#case = null;
  }

  #openCase(attributes: Readonly<Record<string, string>>): OpenCase {
    const seconds = Number(attributes["time"] ?? "x");
    return {
      name: attributes["name"] ?? "",
      classname: attributes["classname"] ?? "",
      seconds: Number.isFinite(seconds) && seconds >= 0 ? seconds : null,
      suite: this.#path.filter((part) => part !== "").join(" / "),
      outcome: "passed",
      message: "",
      text: "",
    };
  }
}
