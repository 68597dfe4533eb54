import { flagsOf, type WrittenCommand, type WrittenOption } from "../written.ts";

/** What bash reads to complete pikaci's command line: `source <(pikaci completion bash)`. */
export function bashCompletion(commands: readonly WrittenCommand[]): string {
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

const RUNS = '"latest $(ls .pikaci/runs 2>/dev/null)"';

function cases({ name, options, positionals }: WrittenCommand): string[] {
  const flags = options.flatMap(flagsOf).join(" ");
  const [word] = positionals.flatMap((one) => wordsOf(one) ?? []);
  return [
    ...options.filter(({ values }) => values.length > 0).map((option) => valueCase(name, option)),
    `      ${name}:*:-*) words='${flags}' ;;`,
    ...(word === undefined ? [] : [`      ${name}:*) words=${word} ;;`]),
  ];
}

/** After an option: its values, or files, which are bash's default. */
function valueCase(name: string, option: WrittenOption): string {
  const pattern = flagsOf(option)
    .map((flag) => `${name}:${flag}:*`)
    .join(" | ");
  if (option.names === "file" || option.names === "directory") return `      ${pattern}) return ;;`;
  const words = wordsOf(option);
  return words === null ? `      ${pattern}) ;;` : `      ${pattern}) words=${words} ;;`;
}

/** What can stand there, as a word of bash; null when nothing is known of it. */
function wordsOf({ choices, names }: Pick<WrittenOption, "choices" | "names">): string | null {
  if (choices.length > 0) return `'${choices.join(" ")}'`;
  return names === "run" ? RUNS : null;
}
