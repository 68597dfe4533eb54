import type { MatrixValue, MatrixValues } from "./matrix-schema.ts";

const WHOLE = /^\$\{matrix\.([A-Za-z_][A-Za-z0-9_-]*)\}$/;
/** Also what people write who come from GitHub. */
const ANY = /\$\{\{?\s*matrix\b/;

/** A string of a configuration that stands for, or speaks of, a value of the matrix. */
export interface Reference {
  readonly path: readonly (string | number)[];
  /** Null where it is not exactly `${matrix.KEY}`. */
  readonly key: string | null;
}

/** Every string in `value` that names the matrix, wherever it is. */
export function referencesIn(value: unknown, path: readonly (string | number)[] = []): Reference[] {
  if (typeof value === "string")
    return ANY.test(value) ? [{ path, key: WHOLE.exec(value)?.[1] ?? null }] : [];
  if (Array.isArray(value))
    return value.flatMap((inner: unknown, index) => referencesIn(inner, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => referencesIn(inner, [...path, key]));
}

/** Stands for what an instance does not have: the key, or the word in a list, is left out. */
const ABSENT = Symbol("absent");

/**
 * `value` with each `${matrix.KEY}` replaced by what `as` makes of the instance's value; undefined where it is itself one
 * that the instance does not have.
 */
export function substitute(
  value: unknown,
  values: MatrixValues,
  as: (value: MatrixValue) => unknown,
): unknown {
  const found = replaced(value, values, as);
  return found === ABSENT ? undefined : found;
}

function replaced(value: unknown, values: MatrixValues, as: (value: MatrixValue) => unknown): unknown {
  if (typeof value === "string") {
    const key = WHOLE.exec(value)?.[1];
    if (key === undefined) return value;
    const found = Object.hasOwn(values, key) ? values[key] : undefined;
    return found === undefined ? ABSENT : as(found);
  }
  const isThere = (inner: unknown) => inner !== ABSENT;
  if (Array.isArray(value)) return value.map((inner: unknown) => replaced(inner, values, as)).filter(isThere);
  if (typeof value !== "object" || value === null) return value;
  const all = Object.entries(value).map(([key, inner]) => [key, replaced(inner, values, as)] as const);
  return Object.fromEntries(all.filter(([, inner]) => isThere(inner)));
}
