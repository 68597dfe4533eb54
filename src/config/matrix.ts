import type * as z from "zod";
import { didYouMean } from "../core/suggest.ts";
import type { MatrixValue, MatrixValues, matrixSchema } from "./matrix-schema.ts";

type Matrix = z.output<typeof matrixSchema>;
type Axes = readonly (readonly [key: string, values: readonly MatrixValue[]])[];
/** What is wrong, and where below the matrix. */
type MatrixProblem = readonly [path: readonly (string | number)[], message: string];

/** One instance before it has a job. */
export interface Combination {
  readonly values: MatrixValues;
  /** The texts of those values that its name has, in their order there. */
  readonly named: readonly string[];
}

/** The most instances of one job. */
export const MOST_INSTANCES = 256;
/** So many combinations are made before `exclude` takes some of them. */
const MOST_COMBINATIONS = 100 * MOST_INSTANCES;

/**
 * The combinations of a matrix, in the order of its values, the last axis changing first; then the entries of `include` that
 * are instances of their own.
 */
export function combinations(matrix: Matrix): readonly Combination[] | readonly MatrixProblem[] {
  const { include = [], exclude = [], ...rest } = matrix;
  const axes: Axes = Object.entries(rest);
  const count = axes.reduce((product, [, values]) => product * values.length, 1);
  if (count > MOST_COMBINATIONS) return [tooMany(count)];
  const all = product(axes);
  const problems = [...repeated(axes), ...uselessExcludes(exclude, axes, all)];
  if (problems.length > 0) return problems;
  const kept = all.filter((values) => !exclude.some((entry) => agrees(entry, values)));
  const found = included(kept, include, axes);
  if (found.length > MOST_INSTANCES) return [tooMany(found.length)];
  if (found.length > 0) return found;
  const nothing =
    axes.length === 0
      ? "has neither an axis, as `node: [20, 22]`, nor `include`"
      : "is left with no instance by `exclude`";
  return [[[], nothing]];
}

/** Whether `combinations` found problems instead. */
export function areProblems(
  found: readonly Combination[] | readonly MatrixProblem[],
): found is readonly MatrixProblem[] {
  return Array.isArray(found[0]);
}

function tooMany(count: number): MatrixProblem {
  return [[], `makes ${count} instances, and a job has at most ${MOST_INSTANCES}; split the job`];
}

/** Every combination of the axes; none where there is no axis. */
function product(axes: Axes): MatrixValues[] {
  if (axes.length === 0) return [];
  return axes.reduce<MatrixValues[]>(
    (all, [key, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [key]: value }))),
    [{}],
  );
}

/** Whether a combination has every value of the entry that is of one of its keys. */
function agrees(entry: MatrixValues, values: MatrixValues): boolean {
  return Object.entries(entry).every(([key, value]) => Object.hasOwn(values, key) && values[key] === value);
}

/** Values that cannot be told apart in a name. */
function repeated(axes: Axes): MatrixProblem[] {
  return axes.flatMap(([key, values]) => {
    const texts = values.map(String);
    return texts.flatMap((text, index): MatrixProblem[] =>
      texts.indexOf(text) === index ? [] : [[[key, index], `${JSON.stringify(text)} is there already`]],
    );
  });
}

/** An entry that leaves nothing out is most likely a typo. */
function uselessExcludes(
  exclude: readonly MatrixValues[],
  axes: Axes,
  all: readonly MatrixValues[],
): MatrixProblem[] {
  const keys = axes.map(([key]) => key);
  return exclude.flatMap((entry, index): MatrixProblem[] => {
    const unknown = Object.keys(entry).filter((key) => !keys.includes(key));
    if (unknown.length > 0)
      return unknown.map((key) => [
        ["exclude", index, key],
        `unknown axis${didYouMean(key, keys)}; the axes are ${keys.join(", ") || "none"}`,
      ]);
    return all.some((values) => agrees(entry, values))
      ? []
      : [[["exclude", index], "no combination has these values; a number is not the text of it"]];
  });
}

/**
 * An entry is added to each combination whose own values it does not change. Of two entries the later one wins; one that
 * is added to none is an instance of its own.
 */
function included(
  kept: readonly MatrixValues[],
  include: readonly MatrixValues[],
  axes: Axes,
): Combination[] {
  const keys = axes.map(([key]) => key);
  const ownKeys = (entry: MatrixValues) =>
    Object.fromEntries(Object.entries(entry).filter(([key]) => keys.includes(key)));
  const isAdded = (entry: MatrixValues) => kept.some((values) => agrees(ownKeys(entry), values));
  const grown = kept.map((values) =>
    Object.assign({ ...values }, ...include.filter((entry) => agrees(ownKeys(entry), values))),
  );
  const shown = keys.length > 0 ? keys : [...new Set(include.flatMap((entry) => Object.keys(entry)))];
  const all = [...grown, ...include.filter((entry) => !isAdded(entry))];
  return all.map((values) => ({
    values,
    named: shown.flatMap((key) => (Object.hasOwn(values, key) ? [String(values[key])] : [])),
  }));
}
