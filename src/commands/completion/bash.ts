import type { CommandDefinition } from "../definitions.ts";
import { flagsOf, namesRuns, takesFile } from "./words.ts";

/** What bash reads to complete pikaci's command line: `source <(pikaci completion bash)`. */
export function bashCompletion(commands: readonly CommandDefinition[]): string {
  return `# bash completion of pikaci; made by \`pikaci completion bash\`
_pikaci() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${commands.map(({ name }) => name).join(" ")} --help --version'
  else
    case "\${COMP_WORDS[1]}:$before:$word" in
${commands.flatMap(cases).join("\n")}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o default -F _pikaci pikaci
`;
}

function cases(command: CommandDefinition): string[] {
  const { name, options } = command;
  const values = options.flatMap((option) => {
    if (!option.takesValue) return [];
    const pattern = flagsOf(option)
      .map((flag) => `${name}:${flag}:*`)
      .join(" | ");
    if (option.choices.length > 0) return [`      ${pattern}) words='${option.choices.join(" ")}' ;;`];
    return takesFile(option) ? [`      ${pattern}) return ;;`] : [`      ${pattern}) ;;`];
  });
  const flags = [...options.flatMap(flagsOf), "--help"].join(" ");
  const runs = namesRuns(command)
    ? [`      ${name}:*) words="latest $(ls .pikaci/runs 2>/dev/null)" ;;`]
    : [];
  const choices = command.positionals.flatMap((positional) => positional.choices);
  const rest = choices.length > 0 ? [`      ${name}:*) words='${choices.join(" ")}' ;;`] : runs;
  return [...values, `      ${name}:*:-*) words='${flags}' ;;`, ...rest];
}
