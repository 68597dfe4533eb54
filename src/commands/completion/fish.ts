import type { CommandDefinition, OptionDefinition } from "../definitions.ts";
import { namesRuns, takesFile } from "./words.ts";

/** What fish reads to complete pikaci's command line: \`pikaci completion fish | source\`. */
export function fishCompletion(commands: readonly CommandDefinition[]): string {
  return [
    "# fish completion of pikaci; made by `pikaci completion fish`",
    "complete -c pikaci -f",
    ...commands.flatMap(linesOf),
    "",
  ].join("\n");
}

function linesOf(command: CommandDefinition): string[] {
  const after = `complete -c pikaci -n '__fish_seen_subcommand_from ${command.name}'`;
  const choices = command.positionals.flatMap((positional) => positional.choices);
  const words =
    choices.length > 0
      ? choices.join(" ")
      : namesRuns(command)
        ? "latest (command ls .pikaci/runs 2>/dev/null)"
        : "";
  return [
    `complete -c pikaci -n __fish_use_subcommand -a ${command.name} -d ${quote(command.describe)}`,
    ...command.options.map(
      (option) => `${after} ${flags(option)}${value(option)} -d ${quote(option.describe)}`,
    ),
    ...(words === "" ? [] : [`${after} -a ${quote(words)}`]),
  ];
}

function flags({ name, aliases }: OptionDefinition): string {
  return [name, ...aliases].map((word) => (word.length === 1 ? `-s ${word}` : `-l ${word}`)).join(" ");
}

function value(option: OptionDefinition): string {
  if (!option.takesValue) return "";
  if (option.choices.length > 0) return ` -x -a ${quote(option.choices.join(" "))}`;
  return takesFile(option) ? " -r -F" : " -x";
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
