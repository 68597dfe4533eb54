import * as z from "zod";
import type { JobInput } from "../tool.ts";
import type { WorkflowJob } from "./schema.ts";

const USE = /\$\{\{\s*matrix\.([A-Za-z_][A-Za-z0-9_-]*)\s*\}\}/g;
const WHOLE = new RegExp(`^${USE.source}$`);
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

function axesOf(
  { strategy }: WorkflowJob,
  used: readonly string[],
): { readonly matrix: Matrix; readonly unused: readonly string[] } | string {
  const written = z.record(z.string(), z.unknown()).safeParse(strategy?.matrix);
  if (!written.success) return "has a matrix that an expression makes";
  const { include, exclude, ...all } = written.data;
  if (include !== undefined || exclude !== undefined) return "has a matrix with include or exclude";
  const axes: [string, (string | number | boolean)[]][] = [];
  for (const key of used) {
    const values = all[key];
    if (!Array.isArray(values)) return `reads matrix.${key}, which is no list`;
    const scalars = values.filter(isScalar);
    const odd = values.find((value) => !isScalar(value) || !NAMED.test(String(value)));
    if (odd !== undefined)
      return `has a matrix with ${JSON.stringify(odd)}, which cannot stand in a job's name`;
    axes.push([key, scalars]);
  }
  return { matrix: Object.fromEntries(axes), unused: Object.keys(all).filter((key) => !used.includes(key)) };
}

function isScalar(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function isInSingleQuotes(line: string): boolean {
  return [...line.matchAll(USE)].some(({ index }) => line.slice(0, index).split("'").length % 2 === 0);
}

/** The environment variable that has a matrix's value. */
function variable(key: string): string {
  return `MATRIX_${key.toUpperCase().replace(/-/g, "_")}`;
}
