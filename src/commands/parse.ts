import { UsageError } from "../core/errors.ts";
import type { ArgsOf, CommandSpec, OptionSpec, PositionalSpec } from "./spec.ts";
import { longName } from "./written.ts";
import { type Parsed, yargsParse } from "./yargs.ts";

/** What one option or positional can be read as. */
type Value = boolean | number | string | readonly string[] | null;

/** A command's arguments, typed by its entry in the table. UsageError that names `pikaci NAME --help`. */
export async function parseArgs<S extends CommandSpec>(
  spec: S,
  name: string,
  words: readonly string[],
): Promise<ArgsOf<S>> {
  const parsed = await yargsParse(name, spec, words);
  const args = Object.fromEntries([
    ...Object.entries(spec.positionals ?? {}).map(([key, one]) => [key, readPositional(key, one, parsed)]),
    ...Object.entries(spec.options).map(([key, one]) => [key, readOption(key, one, parsed)]),
    ["rest", readRest(name, spec, parsed)],
  ]);
  if (!isArgsOf(spec, args)) throw new Error(`the words of \`pikaci ${name}\` were read as something else`);
  return args;
}

/** Whether every value is of the type that the table gives it. */
function isArgsOf<S extends CommandSpec>(
  spec: S,
  args: Readonly<Record<string, Value>>,
): args is ArgsOf<S> & Readonly<Record<string, Value>> {
  const entries = [...Object.entries(spec.positionals ?? {}), ...Object.entries(spec.options)];
  return entries.every(([key, one]) => fits(one, args[key]));
}

function fits(one: OptionSpec | PositionalSpec, value: unknown): boolean {
  switch (one.type) {
    case "flag":
      return typeof value === "boolean";
    case "count":
      return typeof value === "number";
    case "list":
    case "words":
    case "pairs":
      return Array.isArray(value) && value.every((word) => typeof word === "string");
    case "choice":
      return one.choices.some((choice) => choice === value);
    case "text":
      return typeof value === "string" || (value === null && !("default" in one) && !("required" in one));
  }
}

function readPositional(key: string, one: PositionalSpec, parsed: Parsed): Value {
  if (one.type === "list") return readList(parsed[key]);
  return readText(key.toUpperCase(), parsed[key]) ?? ("default" in one ? one.default : null);
}

function readOption(key: string, one: OptionSpec, parsed: Parsed): Value {
  const long = longName(key, one);
  const value = parsed[key];
  switch (one.type) {
    case "flag":
      return readFlag(value) ?? one.default ?? false;
    case "list":
    case "words":
    case "pairs":
      return readList(value);
    case "count":
      return readCount(long, readText(long, value)) ?? one.default;
    case "choice":
      return readText(long, value) ?? one.default;
    case "text":
      return readText(long, value) ?? one.default ?? null;
  }
}

/** When a flag is given twice, the last one counts. */
function readFlag(value: unknown): boolean | null {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === "boolean" ? last : null;
}

function readList(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function readText(written: string, value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value === "string") return value;
  if (!Array.isArray(value))
    throw new UsageError(`${written} cannot be negated`, { hint: `leave it out, or give it a value` });
  throw new UsageError(`${written} is written more than once`, { hint: `write \`${written}\` once` });
}

function readRest(name: string, { rest }: CommandSpec, parsed: Parsed): string[] {
  const words = readList(parsed["--"]);
  if (rest !== undefined || words.length === 0) return words;
  throw new UsageError(`\`pikaci ${name}\` takes no words after \`--\``, {
    hint: `\`pikaci ${name} --help\` shows what it takes`,
  });
}

function readCount(written: string, text: string | null): number | null {
  if (text === null) return null;
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  throw new UsageError(`${written}: expected a whole number, not ${JSON.stringify(text)}`, {
    hint: `write it as in \`${written} 20\``,
  });
}
