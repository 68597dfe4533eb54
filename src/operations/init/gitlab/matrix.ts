import { MOST_INSTANCES } from "../../../config/matrix.ts";
import type { GitlabJob } from "./schema.ts";

type Parallel = NonNullable<GitlabJob["parallel"]>;
type Value = string | number | boolean;

/** A value as names of jobs may have it. */
const NAMED = /^[A-Za-z0-9._+@-]+$/;
const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `parallel` in pikaci's words, with what the command needs to read it. */
interface Spread {
  readonly keys: {
    readonly shards?: number;
    readonly matrix?: { readonly [axis: string]: Value[] | Record<string, Value>[] };
  };
  readonly env: Readonly<Record<string, string>>;
  /** Lines before the command. */
  readonly lines: readonly string[];
}

/** Text: why it cannot be taken. */
export function spreadOf(parallel: Parallel | undefined): Spread | string {
  if (parallel === undefined) return { keys: {}, env: {}, lines: [] };
  if (typeof parallel === "number")
    return {
      keys: parallel > 1 ? { shards: parallel } : {},
      env: {},
      lines: parallel > 1 ? ["export CI_NODE_INDEX=$PIKACI_SHARD CI_NODE_TOTAL=$PIKACI_SHARDS"] : [],
    };
  const entries = parallel.matrix.map((entry) => mapValues(entry, (value) => [value].flat()));
  const names = [...new Set(entries.flatMap((entry) => Object.keys(entry)))];
  const values = entries.flatMap((entry) => Object.values(entry).flat());
  const odd = names.find((name) => !KEY.test(name)) ?? values.map(String).find((value) => !NAMED.test(value));
  if (odd !== undefined)
    return `has a matrix with ${JSON.stringify(odd)}, which cannot stand in a job's name`;
  if (entries.some((entry) => names.some((name) => !Object.hasOwn(entry, name))))
    return "has a matrix whose entries have different variables";
  const env = Object.fromEntries(names.map((name) => [name, `\${matrix.${name}}`]));
  const count = entries.reduce((sum, entry) => sum + countOf(entry), 0);
  if (count > MOST_INSTANCES)
    return `has a matrix of ${count} combinations; a job has at most ${MOST_INSTANCES} here`;
  const [first = {}, ...more] = entries;
  if (more.length === 0) return { keys: { matrix: first }, env, lines: [] };
  return { keys: { matrix: { include: entries.flatMap(combinations) } }, env, lines: [] };
}

function countOf(entry: Readonly<Record<string, Value[]>>): number {
  return Object.values(entry).reduce((product, values) => product * values.length, 1);
}

function combinations(entry: Readonly<Record<string, Value[]>>): Record<string, Value>[] {
  return Object.entries(entry).reduce<Record<string, Value>[]>(
    (made, [name, values]) => made.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
