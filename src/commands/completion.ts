import { version } from "../system/version.ts";
import type { Handler } from "./call.ts";
import { type Args, COMMANDS } from "./table.ts";
import { type WrittenCommand, writtenCommand } from "./written.ts";

type Writer = (commands: readonly WrittenCommand[]) => string;

const WRITERS: Readonly<Record<Args<"completion">["shell"], () => Promise<Writer>>> = {
  bash: async () => (await import("./completion/bash.ts")).bashCompletion,
  zsh: async () => (await import("./completion/zsh.ts")).zshCompletion,
  fish: async () => (await import("./completion/fish.ts")).fishCompletion,
  man: async () => {
    const { manPage } = await import("./completion/man.ts");
    return (commands) => manPage(commands, version());
  },
};

export const handle: Handler<Args<"completion">> = async ({ shell }, { invocation }) => {
  const write = await WRITERS[shell]();
  invocation.out(write(Object.entries(COMMANDS).map(([name, spec]) => writtenCommand(name, spec))));
  return 0;
};
