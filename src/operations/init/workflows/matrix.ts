import * as z from "zod";
import { MOST_INSTANCES } from "../../../config/matrix.ts";
import type { JobInput } from "../tool.ts";
import { githubCombinations, onlyKeys, type WrittenMatrix } from "./combinations.ts";
import type { WorkflowJob } from "./schema.ts";
import { isLinux } from "./steps.ts";
import { matrixOf } from "./written-matrix.ts";

const USE = /\$\{\{\s*matrix\.([A-Za-z_][A-Za-z0-9_-]*)\s*\}\}/g;
const WHOLE = new RegExp(`^\\s*${USE.source}\\s*$`);
/** A value as names of jobs may have it. */
const NAMED = /^[A-Za-z0-9._+@-]+$/;

type Matrix = NonNullable<JobInput["matrix"]>;

/** A job whose commands read its matrix: in pikaci's words, from variables. */
export interface Spread {
  readonly job: WorkflowJob;
  readonly matrix: Matrix;
  readonly env: Readonly<Record<string, string>>;
  /** Axes that no command reads. */
  readonly unused: readonly string[];
}

/** Null: no command reads a matrix. Text: why the job cannot be taken. Axes that only actions read make no jobs here. */
export function spreadOf(job: WorkflowJob): Spread | string | null {
  const texts = [...job.steps.map(({ run = "" }) => run), ...Object.values(job.env).map(String)];
  const used = [...new Set(texts.flatMap((text) => [...text.matchAll(USE)].map(([, key = ""]) => key)))];
  if (used.length === 0) return null;
  const axes = axesOf(job, used);
  if (typeof axes === "string") return axes;
  const quoted = texts.some((text) => text.split("\n").some(isInSingleQuotes));
  if (quoted) return "reads its matrix in single quotes";
  const { matrix, unused } = axes;
  return {
    job: {
      ...job,
      env: Object.fromEntries(
        Object.entries(job.env).map(([name, value]) => [
          name,
          String(value).replace(WHOLE, (_, key: string) => `\${matrix.${key}}`),
        ]),
      ),
      steps: job.steps.map((step) => ({
        ...step,
        ...(step.run === undefined
          ? {}
          : { run: step.run.replace(USE, (_, key: string) => `\${${variable(key)}}`) }),
      })),
    },
    matrix,
    env: Object.fromEntries(used.map((key) => [variable(key), `\${matrix.${key}}`])),
    unused,
  };
}

/** The combinations that run on Linux, as a matrix of the keys that are read. */
function axesOf(
  { strategy, "runs-on": runsOn }: WorkflowJob,
  used: readonly string[],
): { readonly matrix: Matrix; readonly unused: readonly string[] } | string {
  const written = writtenMatrix(strategy?.matrix, used);
  if (typeof written === "string") return written;
  const all = githubCombinations(written);
  if (all === null) return "has a matrix with more combinations than GitHub runs";
  const keys = [...new Set([...Object.keys(written.axes), ...written.include.flatMap(Object.keys)])];
  const unread = used.find((key) => !keys.includes(key));
  if (unread !== undefined) return `reads matrix.${unread}, which is no list`;
  const onLinux = all.filter((values) => runsOnLinux(runsOn, values));
  if (onLinux.length === 0) return `runs on ${JSON.stringify(runsOn)}, which is never Linux`;
  const wanted = onlyKeys(onLinux, used);
  if (typeof wanted === "string") return unnamed(wanted);
  if (wanted.length > MOST_INSTANCES)
    return `has a matrix of ${wanted.length} combinations; a job has at most ${MOST_INSTANCES} here`;
  const axes = used.filter((key) => Object.hasOwn(written.axes, key));
  const matrix = matrixOf(wanted, axes);
  const odd = wanted.flatMap((one) => Object.values(one)).find((value) => !NAMED.test(String(value)));
  if (matrix === null)
    return odd === undefined
      ? "has a matrix whose combinations would have the same names here"
      : unnamed(JSON.stringify(odd));
  return { matrix, unused: keys.filter((key) => !used.includes(key)) };
}

function unnamed(value: string): string {
  return `has a matrix with ${value}, which cannot stand in a job's name`;
}

const entriesSchema = z.array(z.record(z.string(), z.unknown())).default([]);

function writtenMatrix(value: unknown, used: readonly string[]): WrittenMatrix | string {
  const written = z.record(z.string(), z.unknown()).safeParse(value);
  if (!written.success) return "has a matrix that an expression makes";
  const { include, exclude, ...rest } = written.data;
  const entries = z
    .object({ include: entriesSchema, exclude: entriesSchema })
    .safeParse({ include, exclude });
  if (!entries.success) return "has a matrix with an include or exclude that an expression makes";
  const unlisted = used.find((key) => Object.hasOwn(rest, key) && !Array.isArray(rest[key]));
  if (unlisted !== undefined) return `reads matrix.${unlisted}, which is no list`;
  // An axis that no command reads and that an expression makes counts as one value.
  const axes = Object.entries(rest).map(([key, values]) => [key, Array.isArray(values) ? values : [values]]);
  return { axes: Object.fromEntries(axes), ...entries.data };
}

/** Where the matrix names the system, only some of its combinations run here. */
function runsOnLinux(runsOn: unknown, values: Readonly<Record<string, unknown>>): boolean {
  const key = WHOLE.exec(String(runsOn))?.[1];
  return key === undefined || !Object.hasOwn(values, key) || isLinux(values[key]);
}

function isInSingleQuotes(line: string): boolean {
  return [...line.matchAll(USE)].some(({ index }) => line.slice(0, index).split("'").length % 2 === 0);
}

/** The environment variable that has a matrix's value. */
function variable(key: string): string {
  return `MATRIX_${key.toUpperCase().replace(/-/g, "_")}`;
}
