import { parseConfig } from "../../../src/config/load.ts";
import type { ProjectFiles } from "../../../src/operations/init/files.ts";
import { type Proposal, propose, proposeImport } from "../../../src/operations/init/propose.ts";
import { readDocuments, readProject } from "../../../src/operations/init/read-project.ts";
import type { FindTool, Tool } from "../../../src/operations/init/tool.ts";

/** Files by path, as a project has them; nothing is on disk. */
export function inMemory(texts: Readonly<Record<string, string>>): ProjectFiles {
  const paths = Object.keys(texts);
  return {
    text: (path) => texts[path] ?? null,
    names(directory) {
      const start = directory === "" ? "" : `${directory}/`;
      const below = paths.filter((path) => path.startsWith(start)).map((path) => path.slice(start.length));
      return [...new Set(below.map((path) => path.split("/")[0] ?? ""))].sort();
    },
  };
}

export const inUsr: FindTool = (program) => ({ kind: "usr", path: `/usr/bin/${program}`, directory: null });

/** What is not named is in /usr. */
export function withTools(tools: Readonly<Record<string, Tool>>): FindTool {
  return (program) => tools[program] ?? inUsr(program);
}

export interface Seen {
  readonly find?: FindTool;
  readonly checks?: readonly string[] | null;
  readonly nix?: "here" | "missing";
}

/** What `init` proposes for a project of these files; the configuration has passed the schema. */
export async function proposed(
  texts: Readonly<Record<string, string>>,
  { find = inUsr, checks = null, nix = "here" }: Seen = {},
): Promise<Proposal> {
  const files = inMemory(texts);
  const made = propose(
    { files, ...(await readProject(files)), find, checks, nix, system: "x86_64-linux" },
    "pikaci.config.mjs",
  );
  parseConfig(made.config, "/w", null);
  return made;
}

/** What `import` makes of these files; the configuration has passed the schema. */
export async function imported(
  texts: Readonly<Record<string, string>>,
  find: FindTool = inUsr,
): Promise<Proposal> {
  const files = inMemory(texts);
  const read = await readDocuments(files, Object.keys(texts));
  const made = proposeImport({ files, ...read, find, checks: null, nix: "here", system: "x86_64-linux" });
  if (Object.keys(made.config.jobs).length > 0) parseConfig(made.config, "/w", null);
  return made;
}
