import type { CommandDefinition, OptionDefinition } from "../definitions.ts";

/** `--job`, `-f`: how an option is written. */
export function flagsOf({ name, aliases }: OptionDefinition): string[] {
  return [name, ...aliases].map((word) => (word.length === 1 ? `-${word}` : `--${word}`));
}

/** Whether an option's value is a path, by what its description says. */
export function takesFile({ takesValue, describe }: OptionDefinition): boolean {
  return takesValue && /\b(file|directory)\b/i.test(describe);
}

/** Whether a command's first word is a run. */
export function namesRuns({ positionals }: CommandDefinition): boolean {
  return positionals.some(({ describe }) => /^run id\b/i.test(describe));
}
