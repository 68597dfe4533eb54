import type { ConfigInput } from "../../config/schema.ts";
import { guestPath } from "../../guest/job-documents.ts";

export type JobInput = ConfigInput["jobs"][string];

/** Where this machine has a program, and so how a guest gets it. */
export type Tool =
  /** In /usr, of which a guest sees its host's; `directory` where that is not on a guest's PATH. */
  | { readonly kind: "usr"; readonly path: string; readonly directory: string | null }
  /** In the `bin` (relative) of a directory that can be moved; `from` is what put it there. */
  | { readonly kind: "tree"; readonly from: string; readonly path: string; readonly bin: string }
  /** A program by itself. */
  | { readonly kind: "file"; readonly path: string }
  /** In the Nix store, by the dev shell that `init` was started in. */
  | { readonly kind: "shell"; readonly path: string }
  | { readonly kind: "missing"; readonly looked: string };

/** Finds a program by its name. */
export type FindTool = (program: string) => Tool;

/** A job as it is proposed, with what its comment says. */
export interface ProposedJob {
  readonly job: JobInput;
  readonly notes: readonly string[];
}

/** A program that a command calls, and the name of what is prepared for it. */
interface Need {
  readonly program: string;
  readonly as: string;
}

/** The job with what its programs need: prepared outputs, PATH, and the words to say so. `command` must be text. */
export function equip(
  job: JobInput & { readonly command: string },
  needs: readonly Need[],
  find: FindTool,
  system: string,
): ProposedJob {
  const found = needs.map((need) => ({ ...need, tool: find(need.program) }));
  const prepare = Object.assign({}, job.prepare, ...found.map((one) => preparedFor(one, system)));
  const directories = [...new Set(found.flatMap(directoryOf))];
  const path = directories.length === 0 ? {} : { PATH: [...directories, guestPath].join(":") };
  const env = { ...path, ...job.env };
  const isShell = found.some(({ tool }) => tool.kind === "shell");
  return {
    job: {
      ...job,
      command: isShell ? `${SHELL_PATH}; ${job.command}` : job.command,
      ...(Object.keys(prepare).length === 0 ? {} : { prepare }),
      ...(Object.keys(env).length === 0 ? {} : { env }),
    },
    notes: found.map(noteOf),
  };
}

interface Found extends Need {
  readonly tool: Tool;
}

/** What a dev shell is made of is named in its input derivation's output. */
const SHELL = "shell";
const SHELL_PATH = `PATH=$(grep -o '/nix/store/[0-9a-z]*-[0-9A-Za-z+._?=-]*' /prepared/${SHELL} | sed 's,$,/bin,' | tr '\\n' ':')$PATH`;

function preparedFor({ as, program, tool }: Found, system: string): NonNullable<JobInput["prepare"]> {
  switch (tool.kind) {
    case "tree":
      return { [as]: { path: tool.path } };
    case "file":
      return { [program]: { path: tool.path } };
    case "shell":
      return { [SHELL]: `.#devShells.${system}.default.inputDerivation` };
    case "usr":
    case "missing":
      return {};
  }
}

function directoryOf({ as, tool }: Found): string[] {
  switch (tool.kind) {
    case "tree":
      return [tool.bin === "" ? `/prepared/${as}` : `/prepared/${as}/${tool.bin}`];
    case "file":
      return ["/prepared"];
    case "usr":
      return tool.directory === null ? [] : [tool.directory];
    case "shell":
    case "missing":
      return [];
  }
}

function noteOf({ program, tool }: Found): string {
  switch (tool.kind) {
    case "usr":
      return `${program}: the host must have it in /usr, as this machine has ${tool.path}`;
    case "tree":
      return `${program}: ${tool.from}'s, sent to the host from ${tool.path}; on another machine that path may differ`;
    case "file":
      return `${program}: sent to the host from ${tool.path}; on another machine that path may differ`;
    case "shell":
      return `${program}: from the flake's dev shell (${tool.path}), which the host builds`;
    case "missing":
      return `${program}: not found here (${tool.looked}); the host must have it in /usr, or name it in \`prepare\``;
  }
}
