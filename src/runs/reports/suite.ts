/** How a test ended; `error`: it could not be judged. */
export type TestOutcome = "passed" | "failed" | "error" | "skipped";

/** A name and a value that a test or a suite has beside its outcome; the same name may come twice. */
export interface TestProperty {
  readonly name: string;
  readonly value: string;
}

/** An attempt that went wrong, of a test that was tried more than once. */
export interface TestRerun {
  readonly outcome: "failed" | "error";
  readonly message: string;
  readonly text: string;
}

/** A test of a guest, or a job; its texts are the guest's own and not to be trusted. */
export interface TestCase {
  readonly name: string;
  readonly classname: string;
  /** `report`: no test, but what is wrong with a suite, or with a file that should list tests. */
  readonly about: "test" | "report";
  readonly seconds: number | null;
  readonly outcome: TestOutcome;
  /** One line; empty for most that passed. */
  readonly message: string;
  /** What was said at length. */
  readonly text: string;
  /** Where the test stands, as its producer writes it; null when it doesn't say. */
  readonly file: string | null;
  readonly line: number | null;
  readonly properties: readonly TestProperty[];
  /** Attempts that went wrong, besides the outcome; none for most. */
  readonly reruns: readonly TestRerun[];
}

export interface TestSuite {
  readonly name: string;
  readonly properties: readonly TestProperty[];
  readonly cases: readonly TestCase[];
}

/** Whether a test counts against its job. */
export const isBad = ({ outcome }: TestCase): boolean => outcome === "failed" || outcome === "error";

/** More tests than a report may have: a guest's file must not fill the memory of the client. */
export const MOST_TESTS = 1_000_000;

const LONGEST_NAME = 1000;

/** The name of a suite or a subtest that lies in another, `outer / name`; cut where it grows beyond reason. */
export function nameWithin(outer: string, name: string): string {
  const own = name.slice(0, LONGEST_NAME);
  if (outer === "" || own === "") return outer + own;
  return outer.length + own.length > LONGEST_NAME ? outer : `${outer} / ${own}`;
}

/** A test that passed and of which nothing else is known, with what is given in place of that. */
export function testCase(name: string, known: Partial<TestCase> = {}): TestCase {
  return {
    name,
    classname: "",
    about: "test",
    seconds: null,
    outcome: "passed",
    message: "",
    text: "",
    file: null,
    line: null,
    properties: [],
    reruns: [],
    ...known,
  };
}
