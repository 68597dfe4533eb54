import type { CommandDefinition, OptionDefinition } from "../definitions.ts";
import { flagsOf, namesRuns, takesFile } from "./words.ts";

/** What zsh reads to complete pikaci's command line: a file \`_pikaci\` in a directory of its \`fpath\`. */
export function zshCompletion(commands: readonly CommandDefinition[]): string {
  const list = commands.map(({ name, describe }) => `    ${quote(`${name}:${describe}`)}`);
  return `#compdef pikaci
# zsh completion of pikaci; made by \`pikaci completion zsh\`
_pikaci_runs() {
  local -a runs
  runs=(latest .pikaci/runs/*(N:t))
  compadd -a runs
}
_pikaci() {
  local -a commands
  commands=(
${list.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(branch).join("\n")}
  esac
}
if [ "$funcstack[1]" = _pikaci ]; then _pikaci "$@"; else compdef _pikaci pikaci; fi
`;
}

function branch(command: CommandDefinition): string {
  const specs = [
    ...command.options.flatMap(optionSpecs),
    "'--help[Show help]'",
    ...command.positionals.map((positional) =>
      quote(`::${literal(positional.name)}:${action(positional, command)}`),
    ),
  ];
  return `    ${command.name}) _arguments ${specs.join(" ")} ;;`;
}

function optionSpecs(option: OptionDefinition): string[] {
  const many = option.repeatable ? "*" : "";
  const value = option.takesValue ? `:${literal(option.name)}:${action(option, null)}` : "";
  return flagsOf(option).map((flag) => quote(`${many}${flag}[${literal(option.describe)}]${value}`));
}

function action(option: OptionDefinition, command: CommandDefinition | null): string {
  if (option.choices.length > 0) return `(${option.choices.join(" ")})`;
  if (takesFile(option)) return "_files";
  return command !== null && namesRuns(command) ? "_pikaci_runs" : " ";
}

function literal(text: string): string {
  return text.replace(/[[\]:\\]/g, "\\$&");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
