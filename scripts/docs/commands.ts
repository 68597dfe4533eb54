import type { CommandSpec } from "../../src/commands/spec.ts";
import { place } from "../../src/commands/table/options.ts";
import { COMMANDS, GROUPS } from "../../src/commands/table.ts";
import {
  HELP,
  kebab,
  meaning,
  optionHead,
  type WrittenCommand,
  type WrittenOption,
  writtenCommand,
} from "../../src/commands/written.ts";

type Row = readonly string[];

const specs: readonly (readonly [string, CommandSpec])[] = Object.entries(COMMANDS);
const commands = specs.map(([name, spec]) => writtenCommand(name, spec));
/** What nearly every command has is told once. */
const everywhere = [HELP.long, ...Object.keys(place).map((name) => `--${kebab(name)}`)];

/** docs/commands.md: every command with all it takes, in the order of `pikaci --help`. */
export function commandReference(): string {
  const sections = GROUPS.flatMap(([title, group]) => [
    `## ${title}`,
    ...Object.entries(group).map(([name, spec]) => commandSection(writtenCommand(name, spec))),
  ]);
  return `${[
    "# Every command",
    "Made from the table of commands by `npx tsx scripts/docs.ts`; a test compares. The same is in `pikaci --help`,\n`pikaci COMMAND --help` and the manual page.",
    "Data goes to stdout, everything else to stderr. [exit-codes.md](exit-codes.md) has the exit codes.",
    ...sections,
    "## Options of several commands",
    optionTable(),
    "## Options of every command but completion",
    table(["option", "meaning"], optionRows(optionsNamed(everywhere))),
    `## Nix's own flags, of ${listed(owners((option) => option.group === "nix"))}`,
    "Each has Nix's meaning, for every Nix command of the run.",
    table(["option", "meaning"], optionRows(distinct((option) => option.group === "nix"))),
  ].join("\n\n")}\n`;
}

/** README's table of commands. */
export function commandTable(): string {
  return table(
    ["command", "what it does"],
    commands.map(({ usage, describe }) => [code(`pikaci ${usage}`), describe]),
  );
}

/** Options that several commands have, and one row for Nix's. */
function optionTable(): string {
  const shared = distinct(({ group }) => group === null)
    .map((option) => [option, owners((one) => isSame(one, option))] as const)
    .filter(([{ long }, names]) => names.length > 1 && long !== HELP.long);
  const nix = distinct(({ group }) => group === "nix").slice(0, 2);
  const nixOwners = owners(({ group }) => group === "nix");
  return table(
    ["option", "of", "meaning"],
    [
      ...shared.map(([option, names]) => [code(optionHead(option)), ownersText(names), meaning(option)]),
      [
        `${nix.map((option) => code(optionHead(option))).join(", ")}, …`,
        ownersText(nixOwners),
        "Nix's own flags; words after `--` go to `nix build`",
      ],
    ],
  );
}

/** A page with its table of this header exchanged. Throws where there is none. */
export function withTable(page: string, made: string): string {
  const [header = ""] = made.split("\n");
  const start = page.indexOf(`\n${header}\n`);
  const end = page.indexOf("\n\n", start + 1);
  if (start === -1 || end === -1) throw new Error(`no table begins with ${header}`);
  return `${page.slice(0, start + 1)}${made}${page.slice(end)}`;
}

function commandSection(command: WrittenCommand): string {
  const { usage, describe, positionals, rest, options, examples, epilogue } = command;
  const own = options.filter(({ long, group }) => group === null && !everywhere.includes(long));
  const rows: Row[] = [
    ...positionals.map((one) => [code(one.value), meaning(one)]),
    ...(rest === null ? [] : [[code("-- WORDS..."), rest]]),
    ...optionRows(own),
  ];
  const nix = options.some(({ group }) => group === "nix") ? ["Nix's own flags too: see below."] : [];
  const lines = examples.map(([line, what]) => `${line}  # ${what}`);
  return [
    `### pikaci ${usage}`,
    `${describe}.`,
    ...(rows.length === 0 ? [] : [table(["word or option", "meaning"], rows)]),
    ...nix,
    `\`\`\`sh\n${lines.join("\n")}\n\`\`\``,
    ...(epilogue === null ? [] : [epilogue]),
  ].join("\n\n");
}

/** Options of all commands that are wanted, each once. */
function distinct(wanted: (option: WrittenOption) => boolean): WrittenOption[] {
  const all = commands.flatMap(({ options }) => options.filter(wanted));
  return all.filter((option, index) => all.findIndex((one) => isSame(one, option)) === index);
}

function optionsNamed(names: readonly string[]): WrittenOption[] {
  return distinct(({ long }) => names.includes(long));
}

function isSame(one: WrittenOption, other: WrittenOption): boolean {
  return optionHead(one) === optionHead(other) && meaning(one) === meaning(other);
}

/** Names of the commands with such an option. */
function owners(wanted: (option: WrittenOption) => boolean): string[] {
  return commands.filter(({ options }) => options.some(wanted)).map(({ name }) => name);
}

function ownersText(names: readonly string[]): string {
  return names.length > commands.length / 2 ? "most" : names.join(", ");
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function optionRows(options: readonly WrittenOption[]): Row[] {
  return options.map((option) => [code(optionHead(option)), meaning(option)]);
}

function table(header: Row, rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
