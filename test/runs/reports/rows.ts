import type { TestSuite } from "../../../src/runs/reports/suite.ts";

export type Row = readonly [name: string, outcome: string, message: string, text: string];

/** Suites by their names, and what counts of each test. */
export function rows(suites: readonly TestSuite[]): (readonly [string, readonly Row[]])[] {
  return suites.map(({ name, cases }) => [
    name,
    cases.map((one): Row => [one.name, one.outcome, one.message, one.text]),
  ]);
}

/** Each test on a line: its outcome, its class and name, its message. */
export function lines({ cases }: TestSuite): string[] {
  return cases.map(({ outcome, classname, name, message }) =>
    [
      outcome,
      `${classname === "" ? "" : `${classname} > `}${name}`,
      ...(message === "" ? [] : [message]),
    ].join(": "),
  );
}
