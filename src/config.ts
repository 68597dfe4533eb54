import { crossProblems } from "./config/cross.ts";
import { explainIssues } from "./config/issues.ts";
import { makeProject } from "./config/project.ts";
import { configSchema } from "./config/schema.ts";
import { ConfigError } from "./errors.ts";
import { readConfigFile } from "./io/config-file.ts";
import type { ConfigContext } from "./io/flake-config.ts";
import type { Project } from "./model.ts";

export { defineConfig } from "./config/define.ts";
export type { ConfigInput } from "./config/schema.ts";

/** Checks a configuration once and fills in its defaults; ConfigError names every path that is wrong. */
export function parseConfig(input: unknown, workspace: string, configFile: string | null): Project {
  const name = configFile ?? "the configuration";
  const parsed = configSchema.safeParse(input);
  if (!parsed.success) throw wrong(name, explainIssues(parsed.error.issues));
  const problems = crossProblems(parsed.data);
  if (problems.length > 0) throw wrong(name, problems.join("\n"));
  return makeProject(parsed.data, workspace, configFile);
}

/**
 * The workspace's project; `file` (absolute) is read instead of the file found there. ConfigError; for a flake also
 * InfraError.
 */
export async function loadProject(
  workspace: string,
  file: string | null,
  context: ConfigContext,
): Promise<Project> {
  const { path, value } = await readConfigFile(workspace, file, context);
  return parseConfig(value, workspace, path);
}

function wrong(file: string, problems: string): ConfigError {
  return new ConfigError(`${file} is wrong:\n${problems}`, {
    hint: "mend it, then `pikaci plan` shows what would run; docs/configuration.md explains every key",
  });
}
