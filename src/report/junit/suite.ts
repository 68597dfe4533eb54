/** How a test ended; `error`: it could not be judged. */
export type TestOutcome = "passed" | "failed" | "error" | "skipped";

/** A test of a guest, or a job; its texts are the guest's own and not to be trusted. */
export interface TestCase {
  readonly name: string;
  readonly classname: string;
  readonly seconds: number | null;
  readonly outcome: TestOutcome;
  /** One line; empty for most that passed. */
  readonly message: string;
  /** What was said at length. */
  readonly text: string;
}

export interface TestSuite {
  readonly name: string;
  readonly cases: readonly TestCase[];
}
