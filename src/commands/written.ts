import type { CommandSpec, Names, OptionSpec, PositionalSpec } from "./spec.ts";

/** An option as it is typed and shown. */
export interface WrittenOption {
  /** `--dry-run`; `--no-cache` where that is what people write. */
  readonly long: string;
  /** `-q`. */
  readonly short: string | null;
  /** What stands for its values: none for a flag, two for a pair. */
  readonly values: readonly string[];
  readonly repeatable: boolean;
  readonly choices: readonly string[];
  readonly names: Names | null;
  readonly default: string | null;
  readonly describe: string;
  readonly group: "nix" | null;
}

interface WrittenPositional {
  /** `RUN`. */
  readonly value: string;
  /** `[RUN]`, `RUN` or `[PATH...]`. */
  readonly written: string;
  readonly choices: readonly string[];
  readonly names: Names | null;
  readonly default: string | null;
  readonly describe: string;
}

/** A command as help, completion, the manual and the docs show it. */
export interface WrittenCommand {
  readonly name: string;
  /** `run [TARGET]`. */
  readonly usage: string;
  readonly describe: string;
  readonly positionals: readonly WrittenPositional[];
  readonly options: readonly WrittenOption[];
  /** What the words after `--` are; null where there can be none. */
  readonly rest: string | null;
  readonly examples: readonly (readonly [command: string, what: string])[];
  readonly epilogue: string | null;
}

export const HELP: WrittenOption = {
  long: "--help",
  short: "-h",
  values: [],
  repeatable: false,
  choices: [],
  names: null,
  default: null,
  describe: "Show this page",
  group: null,
};

export function writtenCommand(name: string, spec: CommandSpec): WrittenCommand {
  const positionals = Object.entries(spec.positionals ?? {}).map(writtenPositional);
  return {
    name,
    usage: [name, ...positionals.map(({ written }) => written)].join(" "),
    describe: spec.describe,
    positionals,
    options: [...Object.entries(spec.options).map(writtenOption), HELP],
    rest: spec.rest ?? null,
    examples: spec.examples,
    epilogue: spec.epilogue ?? null,
  };
}

/** `dryRun` as `dry-run`. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** How an option of this name is written: `--dry-run`, `--no-cache`. */
export function longName(name: string, option: OptionSpec): string {
  return `--${option.type === "flag" && option.default === true ? "no-" : ""}${kebab(name)}`;
}

/** `-q, --quiet`, `--on HOST`, `--option NAME VALUE`. */
export function optionHead({ long, short, values }: WrittenOption): string {
  return `${short === null ? "" : `${short}, `}${[long, ...values].join(" ")}`;
}

/** Both ways to write an option. */
export function flagsOf({ long, short }: WrittenOption): string[] {
  return short === null ? [long] : [long, short];
}

/** What an option or a positional means, with its choices and its default. */
export function meaning({
  describe,
  choices,
  default: value,
}: Pick<WrittenOption, "describe" | "choices" | "default">): string {
  const among = choices.length === 0 ? "" : `: ${choices.join(", ")}`;
  return `${describe}${among}${value === null ? "" : ` (default ${value})`}`;
}

function writtenOption([name, option]: readonly [string, OptionSpec]): WrittenOption {
  return {
    long: longName(name, option),
    short: option.short === undefined ? null : `-${option.short}`,
    values: valuesOf(option),
    repeatable: option.type === "list" || option.type === "pairs",
    choices: option.type === "choice" ? option.choices : [],
    names: "names" in option ? option.names : null,
    default: option.type === "flag" || !("default" in option) ? null : String(option.default),
    describe: option.describe,
    group: option.group ?? null,
  };
}

function valuesOf(option: OptionSpec): readonly string[] {
  switch (option.type) {
    case "flag":
      return [];
    case "choice":
      return ["WHICH"];
    case "pairs":
      return option.values;
    case "text":
    case "count":
    case "list":
    case "words":
      return [option.value];
  }
}

function writtenPositional([name, positional]: readonly [string, PositionalSpec]): WrittenPositional {
  const value = positional.type === "choice" ? name.toUpperCase() : positional.value;
  const shown = positional.type === "list" ? `${value}...` : value;
  const required = positional.type !== "list" && positional.required === true;
  return {
    value,
    written: required ? shown : `[${shown}]`,
    choices: positional.type === "choice" ? positional.choices : [],
    names: "names" in positional ? positional.names : null,
    default: "default" in positional ? positional.default : null,
    describe: positional.describe,
  };
}
