import { COMMANDS, type CommandName, GROUPS } from "./table.ts";
import { meaning, optionHead, type WrittenCommand, type WrittenOption, writtenCommand } from "./written.ts";

type Row = readonly [head: string, text: string];

const PURPOSE = "Runs the CI jobs of the working tree you have right now on a Nix build host.";
const NIX_TITLE = "Nix's own flags, for every Nix command of the run";
const MORE = [
  "`pikaci COMMAND --help` shows what a command takes, `pikaci --version` the version.",
  "Exit codes: 0 passed, 1 failed, 2 usage or configuration, 3 infrastructure, 4 trust, 5 snapshot refused, 124 timeout, 130/143 cancelled.",
].join("\n");

const EXAMPLES: readonly Row[] = [
  ["pikaci init", "write a configuration for this project"],
  ["pikaci run", "run the default target on this machine"],
  ["pikaci run check --on ssh://ci@builder", "run another target on another machine"],
  ["pikaci logs --job unit -f", "follow a job of the latest run"],
];

/** The page of `pikaci --help`, at most `columns` wide: what people do first. */
export function overview(columns: number): string {
  const groups = GROUPS.map(([title, commands]): readonly [string, readonly Row[]] => [
    title,
    Object.entries(commands).map(([name, spec]) => [writtenCommand(name, spec).usage, spec.describe]),
  ]);
  return page([
    "Usage: pikaci COMMAND [OPTIONS]",
    wrap(PURPOSE, columns, ""),
    ...sections([...groups, ["Examples", EXAMPLES]], columns),
    ...MORE.split("\n").map((line) => wrap(line, columns, "")),
  ]);
}

/** The page of `pikaci NAME --help`, at most `columns` wide; Nix's flags come last. */
export function commandHelp(name: CommandName, columns: number): string {
  const command = writtenCommand(name, COMMANDS[name]);
  const { usage, describe, positionals, options, rest, examples, epilogue } = command;
  const own = options.filter(({ group }) => group === null);
  const nix = options.filter(({ group }) => group === "nix");
  const words: Row[] = positionals.map((one) => [one.value, meaning(one)]);
  return page([
    `Usage: pikaci ${usage} [OPTIONS]${rest === null ? "" : " [-- WORDS...]"}`,
    wrap(`${describe}.`, columns, ""),
    ...sections([["Words", [...words, ...restRow(command)]]], columns),
    ...sections([["Options", own.map(optionRow)]], columns),
    ...sections([["Examples", examples]], columns),
    ...(epilogue === null ? [] : [wrap(epilogue, columns, "")]),
    ...sections([[NIX_TITLE, nix.map(optionRow)]], columns),
  ]);
}

function restRow({ rest }: WrittenCommand): Row[] {
  return rest === null ? [] : [["-- WORDS...", rest]];
}

/** Long names stand below each other, whether there is a short one or not. */
function optionRow(option: WrittenOption): Row {
  return [`${option.short === null ? "    " : ""}${optionHead(option)}`, meaning(option)];
}

const WIDEST_HEAD = 34;

/** Titled lists of what is there, their texts in one column. */
function sections(titled: readonly (readonly [string, readonly Row[]])[], columns: number): string[] {
  const heads = titled.flatMap(([, rows]) => rows.map(([head]) => head.length));
  const width = Math.min(WIDEST_HEAD, Math.max(0, ...heads));
  return titled
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => [`${title}:`, ...rows.map((row) => formatRow(row, width, columns))].join("\n"));
}

/** A head that is too wide has a line of its own. */
function formatRow([head, text]: Row, width: number, columns: number): string {
  const indent = " ".repeat(width + 4);
  const wrapped = wrap(text, columns, indent);
  return head.length > width ? `  ${head}\n${indent}${wrapped}` : `  ${head.padEnd(width)}  ${wrapped}`;
}

/** Breaks a line at spaces; further lines begin with `indent`, which the first is taken to have before it. */
function wrap(text: string, columns: number, indent: string): string {
  const room = Math.max(20, columns - indent.length);
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join(`\n${indent}`);
}

function page(parts: readonly string[]): string {
  return `${parts.join("\n\n")}\n`;
}
