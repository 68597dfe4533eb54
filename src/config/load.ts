import { ConfigError } from "../core/errors.ts";
import type { Project } from "../core/project.ts";
import { readConfigFile } from "./config-file.ts";
import { crossProblems } from "./cross.ts";
import type { ConfigContext } from "./flake-config.ts";
import { explainIssues } from "./issues.ts";
import { makeProject } from "./project.ts";
import { configSchema } from "./schema.ts";

export { defineConfig } from "./define.ts";
export type { ConfigInput } from "./schema.ts";

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
