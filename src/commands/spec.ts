/** What a word names, so that shells can complete it. */
export type Names = "file" | "directory" | "run";

interface Said {
  /** One line for people, without a full stop. */
  readonly describe: string;
}

interface OptionSaid extends Said {
  /** One letter: `q` is written `-q`. */
  readonly short?: string;
  /** Nix's own flags stand apart. */
  readonly group?: "nix";
}

/** Written without a value. `default: true` is written `--no-NAME`, and its `describe` says what that does. */
interface Flag extends OptionSaid {
  readonly type: "flag";
  readonly default?: true;
}

interface Worded {
  /** What stands for the value in help: `HOST`. */
  readonly value: string;
  readonly names?: Names;
}

interface Text extends OptionSaid, Worded {
  readonly type: "text";
  readonly default?: string;
}

/** A whole number, 0 or more. */
interface Count extends OptionSaid, Worded {
  readonly type: "count";
  readonly default: number;
}

interface Choice extends OptionSaid {
  readonly type: "choice";
  readonly choices: readonly string[];
  readonly default: string;
}

/** A text that may be written again and again. */
export interface List extends OptionSaid, Worded {
  readonly type: "list";
}

/** One word or more after the option: `--diff A [B]`. */
interface Words extends OptionSaid, Worded {
  readonly type: "words";
}

/** Two words at a time, as Nix's `--option NAME VALUE`; read as one flat list. */
interface Pairs extends OptionSaid {
  readonly type: "pairs";
  readonly values: readonly [string, string];
}

export type OptionSpec = Flag | Text | Count | Choice | List | Words | Pairs;

/** A word of the command line without a dash before it. */
export type PositionalSpec = Said &
  (
    | ({ readonly type: "text" } & Worded & { readonly required?: true; readonly default?: string })
    | { readonly type: "choice"; readonly choices: readonly string[]; readonly required: true }
    | ({ readonly type: "list" } & Worded)
  );

/** A command as data. Options are named as the code reads them: `dryRun` is written `--dry-run`. */
export interface CommandSpec extends Said {
  readonly positionals?: Readonly<Record<string, PositionalSpec>>;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Options of which only one may be written. */
  readonly conflicts?: readonly (readonly [string, string])[];
  /** What the words after `--` are; without it there can be none. */
  readonly rest?: string;
  /** Command lines with what each is for. */
  readonly examples: readonly (readonly [command: string, what: string])[];
  readonly epilogue?: string;
}

type ValueOf<S> = S extends { readonly type: "flag" }
  ? boolean
  : S extends { readonly type: "count" }
    ? number
    : S extends { readonly type: "list" | "words" | "pairs" }
      ? readonly string[]
      : S extends { readonly type: "choice"; readonly choices: readonly (infer Word)[] }
        ? Word
        : S extends { readonly default: string } | { readonly required: true }
          ? string
          : string | null;

/** What a record of options or positionals is read as. */
export type ValuesOf<S> = { readonly [Name in keyof S]: ValueOf<S[Name]> };

/** What a command's words are read as: a value each, null for a text that was not written; `rest` follows `--`. */
export type ArgsOf<S extends CommandSpec> = ValuesOf<S["options"]> &
  (S extends { readonly positionals: infer P } ? ValuesOf<P> : unknown) &
  (S extends { readonly rest: string } ? { readonly rest: readonly string[] } : unknown);
