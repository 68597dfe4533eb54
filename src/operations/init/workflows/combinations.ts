import type { MatrixValue, MatrixValues } from "../../../config/matrix-schema.ts";

/** Some value of a matrix in a workflow. */
type Value = unknown;
type Values = Readonly<Record<string, Value>>;

/** A workflow's matrix, apart: its axes, and entries as they are written. */
export interface WrittenMatrix {
  readonly axes: Readonly<Record<string, readonly Value[]>>;
  readonly include: readonly Values[];
  readonly exclude: readonly Values[];
}

/** GitHub's own limit is 256 jobs; before `exclude` there can be more. */
const MOST_STEPS = 1_000_000;

/** The combinations that GitHub would make, by its rules; null for more than anybody means. */
export function githubCombinations({ axes, include, exclude }: WrittenMatrix): readonly Values[] | null {
  const sizes = Object.values(axes).map((values) => values.length);
  const count = sizes.reduce((product, size) => product * size, 1);
  if (count * (1 + include.length + exclude.length) > MOST_STEPS) return null;
  const kept = product(axes).filter((values) => !exclude.some((entry) => isIn(entry, values)));
  const keys = Object.keys(axes);
  const agrees = (entry: Values, values: Values) =>
    isIn(Object.fromEntries(Object.entries(entry).filter(([key]) => keys.includes(key))), values);
  const grown = kept.map((values) =>
    Object.assign({ ...values }, ...include.filter((entry) => agrees(entry, values))),
  );
  return [...grown, ...include.filter((entry) => !kept.some((values) => agrees(entry, values)))];
}

function product(axes: WrittenMatrix["axes"]): Values[] {
  const keys = Object.entries(axes);
  if (keys.length === 0) return [];
  return keys.reduce<Values[]>(
    (all, [key, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [key]: value }))),
    [{}],
  );
}

/** GitHub takes `20` and `"20"` for the same. */
function isIn(entry: Values, values: Values): boolean {
  return Object.entries(entry).every(
    ([key, value]) => Object.hasOwn(values, key) && alike(value, values[key]),
  );
}

function alike(a: Value, b: Value): boolean {
  return a === b || text(a) === text(b);
}

function text(value: Value): string {
  return isScalar(value) ? String(value) : JSON.stringify(value);
}

function isScalar(value: unknown): value is MatrixValue {
  return ["string", "number", "boolean"].includes(typeof value);
}

/** Combinations with these keys only, each once; a value of nothing is left out. Text: a value that is no scalar. */
export function onlyKeys(all: readonly Values[], keys: readonly string[]): readonly MatrixValues[] | string {
  const seen = new Map<string, MatrixValues>();
  for (const values of all) {
    const own: [string, MatrixValue][] = [];
    for (const key of keys) {
      const value = Object.hasOwn(values, key) ? values[key] : null;
      if (isScalar(value)) own.push([key, value]);
      else if (value !== null && value !== undefined) return JSON.stringify(value);
    }
    const made = Object.fromEntries(own);
    seen.set(JSON.stringify(own.map(([key, value]) => [key, String(value)])), made);
  }
  return [...seen.values()];
}
