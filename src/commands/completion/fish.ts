import { flagsOf, type WrittenCommand, type WrittenOption } from "../written.ts";

/** What fish reads to complete pikaci's command line: `pikaci completion fish | source`. */
export function fishCompletion(commands: readonly WrittenCommand[]): string {
  return [
    "# fish completion of pikaci; made by `pikaci completion fish`",
    "complete -c pikaci -f",
    ...commands.flatMap(linesOf),
    "",
  ].join("\n");
}

const RUNS = "latest (command ls .pikaci/runs 2>/dev/null)";

function linesOf({ name, describe, options, positionals }: WrittenCommand): string[] {
  const after = `complete -c pikaci -n '__fish_seen_subcommand_from ${name}'`;
  const [words] = positionals.flatMap((one) => wordsOf(one) ?? []);
  return [
    `complete -c pikaci -n __fish_use_subcommand -a ${name} -d ${quote(describe)}`,
    ...options.map((option) => `${after} ${flags(option)}${value(option)} -d ${quote(option.describe)}`),
    ...(words === undefined ? [] : [`${after} -a ${quote(words)}`]),
  ];
}

function flags(option: WrittenOption): string {
  return flagsOf(option)
    .map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
    .join(" ");
}

function value(option: WrittenOption): string {
  if (option.values.length === 0) return "";
  if (option.names === "file" || option.names === "directory") return " -r -F";
  const words = wordsOf(option);
  return words === null ? " -x" : ` -x -a ${quote(words)}`;
}

/** What can stand there, as fish's `-a` has it; null when nothing is known of it. */
function wordsOf({ choices, names }: Pick<WrittenOption, "choices" | "names">): string | null {
  if (choices.length > 0) return choices.join(" ");
  return names === "run" ? RUNS : null;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
