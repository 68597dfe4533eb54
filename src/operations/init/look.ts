import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { ProjectFacts } from "./propose.ts";

const packageJson = z.object({
  scripts: z.record(z.string(), z.string()).optional(),
  dependencies: z.record(z.string(), z.unknown()).optional(),
  devDependencies: z.record(z.string(), z.unknown()).optional(),
});

/** What can be seen of a project without running anything of it. */
export function lookAtProject(workspace: string): Omit<ProjectFacts, "checks" | "system"> {
  const has = (name: string) => existsSync(join(workspace, name));
  const makefile = ["Makefile", "makefile", "GNUmakefile"].find(has);
  return {
    npm: has("package.json") ? readPackage(join(workspace, "package.json")) : null,
    lockFile: ["package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lockb", "bun.lock"].find(has) ?? null,
    hasNodeModules: has("node_modules"),
    cargo: has("Cargo.toml"),
    go: has("go.mod"),
    goSum: has("go.sum"),
    python: ["pyproject.toml", "setup.py", "pytest.ini", "tox.ini"].some(has),
    flake: has("flake.nix"),
    makeTargets: makefile === undefined ? [] : makeTargets(readFileSync(join(workspace, makefile), "utf8")),
  };
}

/** Null when it is not JSON, or not npm's. */
function readPackage(file: string): ProjectFacts["npm"] {
  const parsed = packageJson.safeParse(jsonOrNull(readFileSync(file, "utf8")));
  if (!parsed.success) return null;
  const { scripts = {}, dependencies = {}, devDependencies = {} } = parsed.data;
  return { scripts, hasDependencies: Object.keys({ ...dependencies, ...devDependencies }).length > 0 };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function makeTargets(text: string): string[] {
  return [...text.matchAll(/^([A-Za-z0-9][\w.-]*)\s*:(?!=)/gm)].map(([, name = ""]) => name);
}
