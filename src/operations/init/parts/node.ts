import * as z from "zod";
import { firstOf, has, type ProjectFiles } from "../files.ts";
import type { Look } from "../part.ts";
import { equip } from "../tool.ts";
import { preparedModules } from "./node-modules.ts";

const packageJson = z.object({
  scripts: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.unknown()).default({}),
  devDependencies: z.record(z.string(), z.unknown()).default({}),
});

const SCRIPTS = ["test", "lint", "typecheck", "check", "build"];
const MANAGERS: Readonly<Record<string, string>> = {
  "package-lock.json": "npm",
  "pnpm-lock.yaml": "pnpm",
  "yarn.lock": "yarn",
  "bun.lockb": "bun",
  "bun.lock": "bun",
};

/** `package.json`: a job for each script that checks something. */
export const node: Look = ({ files, find, system }) => {
  const parsed = packageJson.safeParse(jsonOrNull(files.text("package.json") ?? ""));
  if (!parsed.success) return null;
  const { scripts, dependencies, devDependencies } = parsed.data;
  const names = SCRIPTS.filter((name) => scripts[name] && !scripts[name].includes("no test specified"));
  if (names.length === 0) return null;
  const manager = managerOf(files);
  const modules =
    has(files, "node_modules") || Object.keys({ ...dependencies, ...devDependencies }).length > 0;
  const programs = [...new Set(["node", manager])].map((program) => ({
    program,
    as: program === "npm" ? "node" : program,
  }));
  const job = (name: string) => ({
    command: `${manager} run ${name}`,
    ...(modules ? { prepare: preparedModules(files) } : {}),
    workspace: "private" as const,
  });
  return {
    jobs: Object.fromEntries(names.map((name) => [name, equip(job(name), programs, find, system)])),
    notes: [
      `package.json: a job for each of the scripts ${names.join(", ")}, run by ${manager}, without network`,
      ...(modules ? [modulesNote(files, manager)] : []),
    ],
  };
};

/** The package manager that the lock file is of. */
function managerOf(files: ProjectFiles): string {
  return MANAGERS[firstOf(files, Object.keys(MANAGERS)) ?? ""] ?? "npm";
}

function modulesNote(files: ProjectFiles, manager: string): string {
  return has(files, "node_modules")
    ? "node_modules: as it is installed here, sent to the host and mounted read-only where it is here"
    : `node_modules: is missing; run \`${manager} install\` here first, then it is sent to the host as it is`;
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
