import { version } from "../system/version.ts";
import { type CommandDefinition, definitionsOf } from "./definitions.ts";
import type { Invocation, Register } from "./invocation.ts";

const WRITERS = {
  bash: async (commands) => (await import("./completion/bash.ts")).bashCompletion(commands),
  zsh: async (commands) => (await import("./completion/zsh.ts")).zshCompletion(commands),
  fish: async (commands) => (await import("./completion/fish.ts")).fishCompletion(commands),
  man: async (commands) => (await import("./completion/man.ts")).manPage(commands, version()),
} satisfies Readonly<Record<string, (commands: readonly CommandDefinition[]) => Promise<string>>>;

interface Args {
  readonly shell: keyof typeof WRITERS;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      options
        .positional("shell", {
          choices: ["bash", "zsh", "fish", "man"] as const,
          demandOption: true,
          describe: "The shell to complete in; man: the manual page",
        })
        .example("$0 completion bash", "for `source <(pikaci completion bash)`")
        .example("$0 completion man", "for `pikaci completion man | man -l -`"),
    (args) => completion(args, invocation),
  );

async function completion({ shell }: Args, invocation: Invocation): Promise<void> {
  invocation.out(await WRITERS[shell](await definitionsOf(invocation.commands, invocation)));
}
