import type { TestSuite } from "../../src/runs/reports/suite.ts";

/** Tests by how they ended; `bad` failed or were in error. */
export interface Counts {
  readonly passed: number;
  readonly bad: number;
  readonly skipped: number;
}

export type Count = keyof Counts;

const COUNTS: readonly Count[] = ["passed", "bad", "skipped"];

export function countTests(suites: readonly TestSuite[]): Counts {
  const outcomes = suites.flatMap(({ cases }) => cases.map(({ outcome }) => outcome));
  const of = (...wanted: readonly string[]) => outcomes.filter((one) => wanted.includes(one)).length;
  return { passed: of("passed"), bad: of("failed", "error"), skipped: of("skipped") };
}

/** What a test runner said at its end; what it does not say is not compared. */
export interface Said {
  readonly exitCode: number;
  readonly summary: Partial<Counts>;
}

/**
 * Where what was read of a report is not what its producer said. `apart` is how many more (or less) pikaci rightly counts;
 * an exit code other than 0 must come with a bad test, and 0 with none.
 */
export function differences(read: Counts, { exitCode, summary }: Said, apart: Partial<Counts>): string[] {
  const wrong = COUNTS.flatMap((count) => {
    const said = summary[count];
    if (said === undefined) return [];
    const expected = said + (apart[count] ?? 0);
    return read[count] === expected ? [] : [`${count}: read ${read[count]}, expected ${expected}`];
  });
  const isRed = exitCode !== 0;
  const agrees = isRed ? read.bad > 0 : read.bad === Math.max(0, apart.bad ?? 0);
  return agrees ? wrong : [...wrong, `exit code ${exitCode}, and ${read.bad} bad`];
}
