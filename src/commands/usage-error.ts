import { UsageError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import type { CommandSpec } from "./spec.ts";
import { flagsOf, optionHead, type WrittenCommand, writtenCommand } from "./written.ts";

/** What yargs found wrong with a command's words, said as help writes them. Words that it does not have get a guess. */
export function usageError(
  said: string,
  name: string,
  { spec, words }: { readonly spec: CommandSpec; readonly words: readonly string[] },
): UsageError {
  const command = writtenCommand(name, spec);
  return new UsageError(explain(said, command, words) ?? said, {
    hint: `\`pikaci ${name} --help\` shows what it takes`,
  });
}

/** Null for what needs no other words. */
function explain(said: string, command: WrittenCommand, words: readonly string[]): string | null {
  if (/^Unknown argument/.test(said)) return unknown(said, command, words);
  if (/^Not enough non-option/.test(said))
    return `${required(command)} is missing: \`pikaci ${command.usage}\``;
  const [, short] = /^Not enough arguments following: (.*)$/s.exec(said) ?? [];
  if (short !== undefined) return needs(short, command);
  const [, of, given] = /^Invalid values:\n {2}Argument: (.*?), Given: (".*"), Choices: /s.exec(said) ?? [];
  if (of !== undefined) return choice(of, given ?? "", command);
  const [, one, other] = /^Arguments (\S+) and (\S+) are mutually exclusive$/.exec(said) ?? [];
  return one === undefined ? null : `--${one} and --${other} are mutually exclusive`;
}

/** yargs names an option without its dashes, in each of its spellings: the one that was written is found again. */
function unknown(said: string, { name, options }: WrittenCommand, words: readonly string[]): string {
  const named = said.replace(/^[^:]*: /, "").split(", ");
  const end = words.indexOf("--");
  const [option] = words.slice(0, end === -1 ? undefined : end).flatMap((word) => asWritten(word, named));
  if (option === undefined) return `\`pikaci ${name}\` takes no word ${JSON.stringify(named[0])}`;
  const guess = option.startsWith("--") ? didYouMean(option, options.flatMap(flagsOf)) : "";
  return `unknown option ${JSON.stringify(option)}${guess}`;
}

/** `--no-x` of `--no-x=y` when `x` is named; `-x` of `-qx`. */
function asWritten(word: string, named: readonly string[]): string[] {
  const [long = null] = /^--[^=.]+/.exec(word) ?? [];
  if (long !== null)
    return [/^--/, /^--no-/].some((dashes) => named.includes(long.replace(dashes, ""))) ? [long] : [];
  const letter = word.startsWith("-") ? [...word.slice(1)].find((one) => named.includes(one)) : undefined;
  return letter === undefined ? [] : [`-${letter}`];
}

function required({ positionals }: WrittenCommand): string {
  return positionals.flatMap(({ value, written }) => (written === value ? [value] : [])).join(" or ");
}

function needs(key: string, { options }: WrittenCommand): string {
  const option = options.find((one) => flagsOf(one).some((flag) => flag.replace(/^-+/, "") === key));
  return `${option === undefined ? key : optionHead(option)}: its value is missing`;
}

function choice(key: string, given: string, { options, positionals }: WrittenCommand): string {
  const option = options.find(({ long }) => long === `--${key}`);
  const positional = positionals.find(({ value }) => value === key.toUpperCase());
  const choices = (option ?? positional)?.choices ?? [];
  return `${option?.long ?? key.toUpperCase()}: expected one of ${choices.join(", ")}, not ${given}`;
}
