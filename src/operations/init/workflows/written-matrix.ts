import { areProblems, combinations } from "../../../config/matrix.ts";
import { type MatrixValues, matrixSchema } from "../../../config/matrix-schema.ts";
import type { JobInput } from "../tool.ts";

type Matrix = NonNullable<JobInput["matrix"]>;

/**
 * A matrix that makes exactly these combinations, in the shortest form there is: axes, axes with `exclude` and `include`, or
 * `include` alone. Null where their names could not be told apart, or would need other characters.
 */
export function matrixOf(wanted: readonly MatrixValues[], axes: readonly string[]): Matrix | null {
  const forms = [axesOnly(wanted, axes), withEntries(wanted, axes), { include: [...wanted] }];
  return forms.find((form) => makes(form, wanted)) ?? null;
}

function axesOnly(wanted: readonly MatrixValues[], keys: readonly string[]): Matrix {
  return Object.fromEntries(
    keys.map((key) => [
      key,
      [...new Set(wanted.flatMap((values) => (Object.hasOwn(values, key) ? [values[key] ?? ""] : [])))],
    ]),
  );
}

/** Combinations without a value of an axis, or with values that no axis has, are entries of their own. */
function withEntries(wanted: readonly MatrixValues[], keys: readonly string[]): Matrix {
  const whole = wanted.filter((values) => keys.every((key) => Object.hasOwn(values, key)));
  const axes = axesOnly(whole, keys);
  const onAxes = (values: MatrixValues) =>
    Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)));
  const have = new Set(whole.map((values) => nameOf(onAxes(values), keys)));
  const parsed = matrixSchema.safeParse(axes);
  const found = parsed.success ? combinations(parsed.data) : [];
  const exclude = areProblems(found)
    ? []
    : found.map(({ values }) => values).filter((values) => !have.has(nameOf(values, keys)));
  const more = wanted.filter((values) => Object.keys(values).some((key) => !keys.includes(key)));
  const include = [...more, ...wanted.filter((values) => !whole.includes(values) && !more.includes(values))];
  return {
    ...axes,
    ...(exclude.length === 0 ? {} : { exclude }),
    ...(include.length === 0 ? {} : { include }),
  };
}

/** Whether pikaci makes these of it, under names that differ. */
function makes(matrix: Matrix, wanted: readonly MatrixValues[]): boolean {
  const parsed = matrixSchema.safeParse(matrix);
  if (!parsed.success) return false;
  const found = combinations(parsed.data);
  if (areProblems(found)) return false;
  const names = found.map(({ named }) => named.join(", "));
  const isNamed = names.every((name) => /^[A-Za-z0-9._+@-]+(?:, [A-Za-z0-9._+@-]+)*$/.test(name));
  const texts = (all: readonly MatrixValues[]) =>
    all.map((one) => nameOf(one, Object.keys(one).sort())).sort();
  return (
    isNamed &&
    new Set(names).size === names.length &&
    texts(found.map(({ values }) => values)).join("\n") === texts(wanted).join("\n")
  );
}

function nameOf(values: MatrixValues, keys: readonly string[]): string {
  return JSON.stringify(keys.map((key) => [key, values[key]]));
}
