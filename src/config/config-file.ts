import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError, PikaciError } from "../core/errors.ts";
import {
  type ConfigContext,
  FLAKE_FILE,
  findFlake,
  hasUnclearFlake,
  readFlakeConfig,
} from "./flake-config.ts";
import { CONFIG_FILES, findStrangersConfig, noData, type Origin, originOf } from "./origin.ts";

const EXAMPLE =
  '`pikaci init` writes one; by hand, pikaci.config.json: { "jobs": { "test": { "command": "./test.sh" } } }';

/** The nearest directory from `cwd` upwards that holds a configuration, not above the git work tree; else `cwd`. */
export function findWorkspace(cwd: string): string {
  for (let directory = cwd; ; directory = dirname(directory)) {
    if (findConfigFile(directory) !== null) return directory;
    if (existsSync(join(directory, ".git")) || dirname(directory) === directory) return cwd;
  }
}

export function findConfigFile(workspace: string): string | null {
  const file = CONFIG_FILES.map((name) => join(workspace, name)).find((path) => existsSync(path));
  return file ?? findFlake(workspace);
}

/**
 * A configuration file's value, not yet checked; `origin` is null where the tree is not a stranger's. ConfigError when
 * there is none, it cannot be read, or is code of a stranger's.
 */
export async function readConfigFile(
  workspace: string,
  file: string | null,
  context: ConfigContext,
): Promise<{ readonly path: string; readonly value: unknown; readonly origin: Origin | null }> {
  const isStrangers = context.author === "stranger";
  const path = file ?? (isStrangers ? findStrangersConfig(workspace) : findConfigFile(workspace));
  if (path === null) throw isStrangers ? noData(workspace) : noConfiguration(workspace);
  if (!existsSync(path)) throw new ConfigError(`the configuration ${path} does not exist`, { hint: EXAMPLE });
  const origin = isStrangers ? originOf(workspace, path) : null;
  try {
    return { path, value: await evaluate(path, context), origin };
  } catch (error) {
    if (error instanceof PikaciError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${path} could not be loaded: ${reason}`, {
      hint: "fix the file; it must be readable and must not depend on what is not installed",
      cause: error,
    });
  }
}

function noConfiguration(workspace: string): ConfigError {
  if (!hasUnclearFlake(workspace))
    return new ConfigError(`no configuration in ${workspace}`, { hint: EXAMPLE });
  return new ConfigError(
    `no configuration in ${workspace}: its flake.nix names pikaci, but binds no output \`pikaci\` in its own text`,
    {
      hint: "write `pikaci = { … };` among the outputs in flake.nix, or say `--config flake.nix` to have it evaluated; `pikaci init` writes a file instead",
    },
  );
}

async function evaluate(path: string, context: ConfigContext): Promise<unknown> {
  if (basename(path) === FLAKE_FILE) return readFlakeConfig(path, context);
  if (path.endsWith(".json")) return JSON.parse(readFileSync(path, "utf8"));
  const module = path.endsWith(".mjs") ? await importJavaScript(path) : await importTypeScript(path);
  if (typeof module === "object" && module !== null && "default" in module) return module.default;
  throw new ConfigError(`${path} has no default export`, {
    hint: "write `export default defineConfig({ jobs: { … } })`",
  });
}

/** How often each file was imported by this process: Node reads it again only under another address. */
const imported = new Map<string, number>();

async function importJavaScript(path: string): Promise<unknown> {
  const { importModule } = await import("../system/import-module.ts");
  const times = imported.get(path) ?? 0;
  imported.set(path, times + 1);
  return importModule(`${pathToFileURL(path).href}${times === 0 ? "" : `?again=${times}`}`);
}

async function importTypeScript(path: string): Promise<unknown> {
  const { createJiti } = await import("jiti");
  const { defineConfig } = await import("./define.ts");
  const jiti = createJiti(import.meta.url, {
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    virtualModules: { pikaci: { defineConfig } },
  });
  return jiti.import(path);
}
