import { UsageError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { COMMANDS, type CommandName, isCommand } from "./table.ts";

/** What a command line asks for, before its options are read. */
export type Asked =
  | { readonly what: "version" }
  /** `said` is false where nothing was asked for. */
  | { readonly what: "overview"; readonly said: boolean }
  | { readonly what: "help"; readonly name: CommandName }
  | { readonly what: "command"; readonly name: CommandName; readonly words: readonly string[] };

/** The command comes first; `--help` and `--version` may stand anywhere before `--`. UsageError for an unknown command. */
export function understand(argv: readonly string[]): Asked {
  const [first, ...words] = argv;
  if (first === undefined) return { what: "overview", said: false };
  const end = argv.indexOf("--");
  const before = end === -1 ? argv : argv.slice(0, end);
  const wantsHelp = before.some((word) => word === "--help" || word === "-h");
  if (!wantsHelp && before.includes("--version")) return { what: "version" };
  if (isCommand(first))
    return wantsHelp ? { what: "help", name: first } : { what: "command", name: first, words };
  if (first.startsWith("-") && wantsHelp) return { what: "overview", said: true };
  if (first === "help") return helpOf(words[0]);
  throw first.startsWith("-") ? optionFirst(first) : unknownCommand(first);
}

/** `pikaci help [COMMAND]`. */
function helpOf(word: string | undefined): Asked {
  if (word === undefined || word.startsWith("-")) return { what: "overview", said: true };
  if (isCommand(word)) return { what: "help", name: word };
  throw unknownCommand(word);
}

function unknownCommand(word: string): UsageError {
  const names = Object.keys(COMMANDS);
  return new UsageError(`unknown command ${JSON.stringify(word)}${didYouMean(word, names)}`, {
    hint: `the commands are ${names.join(", ")}; \`pikaci --help\` explains them`,
  });
}

function optionFirst(word: string): UsageError {
  return new UsageError(`the command comes first, and ${JSON.stringify(word)} is not one`, {
    hint: "write it as in `pikaci run -C DIR`; `pikaci --help` shows the commands",
  });
}
