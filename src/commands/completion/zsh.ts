import { flagsOf, type WrittenCommand, type WrittenOption } from "../written.ts";

/** What zsh reads to complete pikaci's command line: a file `_pikaci` in a directory of its `fpath`. */
export function zshCompletion(commands: readonly WrittenCommand[]): string {
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

function branch({ name, options, positionals }: WrittenCommand): string {
  const specs = [
    ...options.flatMap(optionSpecs),
    ...positionals.map((one) => quote(`::${literal(one.value.toLowerCase())}:${action(one)}`)),
  ];
  return `    ${name}) _arguments ${specs.join(" ")} ;;`;
}

function optionSpecs(option: WrittenOption): string[] {
  const many = option.repeatable ? "*" : "";
  const values = option.values.map((value) => `:${literal(value.toLowerCase())}:${action(option)}`).join("");
  return flagsOf(option).map((flag) => quote(`${many}${flag}[${literal(option.describe)}]${values}`));
}

/** What zsh completes a value with. */
function action({ choices, names }: Pick<WrittenOption, "choices" | "names">): string {
  if (choices.length > 0) return `(${choices.join(" ")})`;
  if (names === null) return " ";
  return { file: "_files", directory: "_files -/", run: "_pikaci_runs" }[names];
}

function literal(text: string): string {
  return text.replace(/[[\]:\\]/g, "\\$&");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
