import type { Callback, Test } from "uvu";
import type { HostKind } from "./lab/kind.ts";

/** Set by `npm run test:exhaustive`, which runs every case of the files that say `// exhaustive:`. */
export const EXHAUSTIVE = process.env.PIKACI_TEST_EXHAUSTIVE === "1";

/** How many samples a model test takes: `few`, or ten times as many in `npm run test:exhaustive`. */
export const samples = (few: number): number => (EXHAUSTIVE ? 10 * few : few);

/** Registers tests that only `npm run test:exhaustive` runs. */
export function exhaustively<T>(test: Test<T>): (name: string, check: Callback<T>) => void {
  return (name, check) => {
    if (EXHAUSTIVE) test(name, check);
  };
}

/** All of a table's rows in `npm run test:exhaustive`, else those of these names. */
export function chosenRows<T>(rows: Readonly<Record<string, T>>, names: readonly string[]): [string, T][] {
  const unknown = names.filter((name) => !Object.hasOwn(rows, name));
  if (unknown.length > 0) throw new Error(`no such row: ${unknown.join(", ")}`);
  return Object.entries(rows).filter(([name]) => EXHAUSTIVE || names.includes(name));
}

/** All of a table's rows in `npm run test:exhaustive`, else the first of each `nth`. */
export function everyNth<T>(rows: readonly T[], nth: number): readonly T[] {
  return rows.filter((_, index) => EXHAUSTIVE || index % nth === 0);
}

/**
 * Deals tests that hold on each kind of the lab's hosts: `single` takes the first, `multi` the second, and so on, so that each
 * runs on one kind and half of a file's on each. In `npm run test:exhaustive` both kinds take all.
 */
export function dealTests<T>(test: Test<T>, kind: HostKind): (name: string, check: Callback<T>) => void {
  let given = 0;
  return (name, check) => {
    const mine = given % 2 === (kind === "single" ? 0 : 1);
    given += 1;
    if (EXHAUSTIVE || mine) test(name, check);
  };
}
