import type { Argv } from "yargs";
import type { Invocation, Listed, Register } from "./invocation.ts";

export interface OptionDefinition {
  readonly name: string;
  /** One letter each. */
  readonly aliases: readonly string[];
  readonly takesValue: boolean;
  readonly repeatable: boolean;
  readonly choices: readonly string[];
  readonly describe: string;
}

/** What a command says of itself to yargs, as data: for shells, manuals and tests. */
export interface CommandDefinition {
  readonly name: string;
  readonly usage: string;
  readonly describe: string;
  readonly positionals: readonly OptionDefinition[];
  readonly options: readonly OptionDefinition[];
  readonly examples: readonly (readonly [command: string, text: string])[];
  readonly epilogue: string;
}

/** The definitions of all commands, in the order of the table. */
export async function definitionsOf(
  table: Readonly<Record<string, Listed>>,
  invocation: Invocation,
): Promise<CommandDefinition[]> {
  const entries = Object.entries(table).map(async ([name, listed]) =>
    new Notes(name, listed).taken((await listed.load()).register, invocation),
  );
  return Promise.all(entries);
}

/** Stands in for yargs while a command registers itself, and notes what it says. */
class Notes {
  readonly #name: string;
  readonly #listed: Listed;
  readonly #positionals: OptionDefinition[] = [];
  readonly #options: OptionDefinition[] = [];
  readonly #examples: (readonly [string, string])[] = [];
  #epilogue = "";

  constructor(name: string, listed: Listed) {
    this.#name = name;
    this.#listed = listed;
  }

  taken(register: Register, invocation: Invocation): CommandDefinition {
    const options = this.#chain((method, args) => this.#note(method, args));
    const program = this.#chain((method, [, , builder]) => {
      if (method === "command" && typeof builder === "function") builder(options);
    });
    register(program, invocation, this.#listed);
    const { usage, describe } = this.#listed;
    return {
      ...{ name: this.#name, usage, describe, positionals: this.#positionals, options: this.#options },
      ...{ examples: this.#examples, epilogue: this.#epilogue },
    };
  }

  /** An object each of whose methods gives itself back. */
  #chain(take: (method: string, args: readonly unknown[]) => void): Argv {
    const chain: Argv = new Proxy({} as Argv, {
      get:
        (_, method) =>
        (...args: unknown[]) => {
          take(String(method), args);
          return chain;
        },
    });
    return chain;
  }

  #note(method: string, [first, second]: readonly unknown[]): void {
    if (method === "option") this.#options.push(optionOf(String(first), second));
    if (method === "positional") this.#positionals.push(optionOf(String(first), second));
    if (method === "example") this.#examples.push([String(first).replace("$0", "pikaci"), String(second)]);
    if (method === "epilogue") this.#epilogue = String(first);
  }
}

function optionOf(name: string, spec: unknown): OptionDefinition {
  const facts: Readonly<Record<string, unknown>> = { ...(typeof spec === "object" ? spec : {}) };
  const { alias, type, array, choices, describe } = facts;
  return {
    name,
    aliases: (Array.isArray(alias) ? alias : [alias ?? []]).flat().map(String),
    takesValue: type !== "boolean" && type !== "count",
    repeatable: array === true,
    choices: Array.isArray(choices) ? choices.map(String) : [],
    describe: typeof describe === "string" ? describe : "",
  };
}
