import type { Options } from "yargs";
import type { CommandSpec, OptionSpec, PositionalSpec } from "./spec.ts";
import { usageError } from "./usage-error.ts";
import { kebab, longName } from "./written.ts";

/** As yargs has them: by their camel-cased names, and `--`. */
export type Parsed = Readonly<Record<string, unknown>>;

/** A command's words, taken apart by yargs. UsageError for what the command does not have. */
export async function yargsParse(name: string, spec: CommandSpec, words: readonly string[]): Promise<Parsed> {
  const { default: yargs } = await import("yargs");
  const parser = yargs([])
    .scriptName("pikaci")
    .parserConfiguration({ "populate--": true })
    .locale("en")
    .help(false)
    .version(false)
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    // yargs's own complaints are a message alone, or an error named YError.
    .fail((message, error) => {
      if (error !== undefined && error.name !== "YError") throw error;
      throw usageError(message ?? error?.message ?? "the command line cannot be read", name, { spec, words });
    })
    // The default command: yargs would render the help of any other after it was read, which takes longer than reading it.
    .command(
      ["$0", ...Object.entries(spec.positionals ?? {}).map(yargsPositional)].join(" "),
      spec.describe,
      (command) => {
        for (const [key, one] of Object.entries(spec.positionals ?? {}))
          command.positional(key, positionalWords(one));
        for (const [key, one] of Object.entries(spec.options)) command.option(kebab(key), optionWords(one));
        for (const [one, other] of spec.conflicts ?? []) command.conflicts(kebab(one), kebab(other));
        return command;
      },
      () => {},
    );
  return parser.parseAsync(keepQuotes(spec, words));
}

/** Of options that take several words, yargs drops the outer quotes of `--name='"a b"'`: it gets a pair to drop. */
function keepQuotes({ options }: CommandSpec, words: readonly string[]): string[] {
  const dropped = Object.entries(options).filter(([, { type }]) => type !== "text" && type !== "count");
  const names = new Set(dropped.map(([key, one]) => longName(key, one)));
  const end = words.indexOf("--");
  return words.map((word, index) => {
    const [, name = "", value = ""] = /^(--[^=]+)=((["']).*\3)$/s.exec(word) ?? [];
    return names.has(name) && (end === -1 || index < end) ? `${name}="${value}"` : word;
  });
}

function yargsPositional([key, one]: readonly [string, PositionalSpec]): string {
  if (one.type === "list") return `[${key}..]`;
  return one.required === true ? `<${key}>` : `[${key}]`;
}

function positionalWords(one: PositionalSpec) {
  if (one.type === "choice") return { type: "string", choices: one.choices } as const;
  return one.type === "list" ? ({ type: "string", array: true } as const) : ({ type: "string" } as const);
}

/** Defaults are filled in later: yargs counts them as written where options exclude each other. */
function optionWords(one: OptionSpec): Options {
  const alias = one.short === undefined ? {} : { alias: one.short };
  switch (one.type) {
    case "flag":
      return { ...alias, type: "boolean" };
    case "choice":
      return { ...alias, type: "string", requiresArg: true, choices: one.choices };
    case "text":
    case "count":
      return { ...alias, type: "string", requiresArg: true };
    case "list":
      return { ...alias, type: "string", array: true, nargs: 1 };
    case "words":
      return { ...alias, type: "string", array: true, requiresArg: true };
    case "pairs":
      return { ...alias, type: "string", array: true, nargs: 2 };
  }
}
