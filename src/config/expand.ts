import type * as z from "zod";
import { groupOf, instanceName, orNull, parseJobName, parseName } from "../core/ids.ts";
import { didYouMean } from "../core/suggest.ts";
import { divided } from "./expand-shards.ts";
import { explainIssues, formatPath } from "./issues.ts";
import { jobSchema } from "./job-schema.ts";
import { areProblems, type Combination, combinations, MOST_INSTANCES } from "./matrix.ts";
import { type Reference, referencesIn, substitute } from "./matrix-references.ts";
import { type MatrixValue, matrixSchema } from "./matrix-schema.ts";

/** A configuration whose jobs are all without a matrix. */
interface Expanded {
  readonly input: unknown;
  /** The names of all jobs. */
  readonly names: readonly string[];
  /** Each as `path: message`; there are none when `input` may be used. */
  readonly problems: readonly string[];
}

const WHOLE_ONLY = `\`\${matrix.KEY}\` stands only for a whole value; for a part of one, give it to \`env\` and use the variable`;

type Job = Readonly<Record<string, unknown>>;
type Jobs = readonly (readonly [name: string, job: unknown])[];

/** Puts the instances of each job with a `matrix` in its place. Pure; what is wrong elsewhere stays for the schema. */
export function expandJobs(input: unknown): Expanded {
  if (!isObject(input) || !isObject(input.jobs)) return { input, names: [], problems: [] };
  const expanded = Object.entries(input.jobs).map(([name, job]) => expandJob(name, job));
  const jobs = expanded.flatMap((one) => one.jobs);
  return {
    input: { ...input, jobs: Object.fromEntries(jobs) },
    names: jobs.map(([name]) => name),
    problems: expanded.flatMap((one) => one.problems),
  };
}

interface ExpandedJob {
  readonly jobs: Jobs;
  readonly problems: readonly string[];
}

function expandJob(name: string, job: unknown): ExpandedJob {
  if (isInstanceName(name))
    return wrong([at([name], "only a matrix makes such names; a job's own name has no values")]);
  if (!isObject(job)) return { jobs: [[name, job]], problems: [] };
  const { matrix: written, ...plain } = job;
  if (written === undefined) {
    const lost = referencesIn(plain).filter(({ key }) => key !== null);
    if (lost.length > 0)
      return wrong(
        lost.map(({ path, key }) => at([name, ...path], `\${matrix.${key}} in a job without \`matrix\``)),
      );
  }
  if (orNull(parseName, name) === null) return { jobs: [[name, plain]], problems: [] };
  if (written === undefined) return divided({ group: name, named: [], job: plain });
  const matrix = matrixSchema.safeParse(written);
  if (!matrix.success) return wrong([complaintsOf(name, matrix.error)]);
  const found = combinations(matrix.data);
  if (areProblems(found))
    return wrong(found.map(([path, message]) => at([name, "matrix", ...path], message)));
  const problems = [...referenceProblems(name, plain, found), ...unusedKeys(name, plain, matrix.data)];
  return problems.length > 0 ? wrong(problems) : instances(name, plain, found);
}

function isInstanceName(name: string): boolean {
  const job = orNull(parseJobName, name);
  return job !== null && groupOf(job) !== null;
}

function instances(name: string, job: Job, found: readonly Combination[]): ExpandedJob {
  const names = found.map(({ named }) => instanceName(name, named));
  const problems = found.flatMap(({ named }, index) => {
    const own = names[index] ?? null;
    if (own === null) return [at([name, "matrix"], unnamed(name, named))];
    return names.indexOf(own) === index ? [] : [at([name, "matrix"], `makes ${own} twice`)];
  });
  if (problems.length > 0) return wrong([...new Set(problems)]);
  const all = found.map((one) => divided({ group: name, named: one.named, job: instance(job, one) }));
  const jobs = all.flatMap((one) => one.jobs);
  const wrongs = [...new Set(all.flatMap((one) => one.problems))];
  if (wrongs.length > 0) return wrong(wrongs);
  if (jobs.length <= MOST_INSTANCES) return { jobs, problems: [] };
  const message = `makes ${jobs.length} jobs, each with its shards, and may make ${MOST_INSTANCES}; have fewer shards`;
  return wrong([at([name, "shards"], message)]);
}

/** Why the values are no part of a name. */
function unnamed(group: string, named: readonly string[]): string {
  const odd = named.find((text) => instanceName("a", [text]) === null);
  if (odd === undefined) return `makes a name of more than 128 characters: ${group} (${named.join(", ")})`;
  return `${JSON.stringify(odd)} cannot stand in a job's name, which has letters, digits, \`.\`, \`_\`, \`+\`, \`@\` and \`-\`; add an axis of short names, and have \`include\` give them this`;
}

/** Its values stand in for their names, and are in its environment as `PIKACI_MATRIX`. */
function instance(job: Job, { values }: Combination): Job {
  const own = Object.fromEntries(
    Object.entries(job).flatMap(([key, value]) => {
      const given = suited(key, value, (as) => substitute(value, values, as));
      return given === undefined ? [] : [[key, given]];
    }),
  );
  const { env = {} } = own;
  return isObject(env) ? { ...own, env: { PIKACI_MATRIX: JSON.stringify(values), ...env } } : own;
}

type Substitution = (as: (value: MatrixValue) => unknown) => unknown;

/** A number, true or false where the schema takes one; its text where it takes text, as in `env` and in commands. */
function suited(key: string, written: unknown, substitution: Substitution): unknown {
  const value = substitution((one) => one);
  const schema = Object.hasOwn(jobSchema.shape, key) ? shapes[key] : undefined;
  if (schema === undefined || referencesIn(written).length === 0) return value;
  const issues = (candidate: unknown) => schema.safeParse(candidate).error?.issues.length ?? 0;
  const text = substitution(String);
  return issues(text) < issues(value) ? text : value;
}

const shapes: Readonly<Record<string, z.ZodType>> = jobSchema.shape;

function referenceProblems(name: string, job: Job, found: readonly Combination[]): string[] {
  const known = [...new Set(found.flatMap(({ values }) => Object.keys(values)))];
  return referencesIn(job).flatMap(({ path, key }: Reference) => {
    if (key === null) return [at([name, ...path], WHOLE_ONLY)];
    if (known.includes(key)) return [];
    return [
      at([name, ...path], `the matrix has no ${key}${didYouMean(key, known)}; it has ${known.join(", ")}`),
    ];
  });
}

/** Keys of `include` that are no axis and that nothing uses: most likely typos. */
function unusedKeys(name: string, job: Job, matrix: z.output<typeof matrixSchema>): string[] {
  const { include = [], exclude: _, ...axes } = matrix;
  const keys = Object.keys(axes);
  if (keys.length === 0) return [];
  const used = referencesIn(job).map(({ key }) => key);
  return include.flatMap((entry, index) =>
    Object.keys(entry).flatMap((key) =>
      keys.includes(key) || used.includes(key)
        ? []
        : [
            at(
              [name, "matrix", "include", index, key],
              `is no axis, and nothing is \`\${matrix.${key}}\`${didYouMean(key, keys)}`,
            ),
          ],
    ),
  );
}

function complaintsOf(name: string, { issues }: z.ZodError): string {
  return explainIssues(issues.map((issue) => ({ ...issue, path: ["jobs", name, "matrix", ...issue.path] })));
}

function wrong(problems: readonly string[]): ExpandedJob {
  return { jobs: [], problems };
}

function at(path: readonly (string | number)[], message: string): string {
  return `${formatPath(["jobs", ...path])}: ${message}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
