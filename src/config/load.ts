import { ConfigError } from "../core/errors.ts";
import type { Project } from "../core/project.ts";
import { readConfigFile } from "./config-file.ts";
import { crossProblems } from "./cross.ts";
import type { ConfigContext } from "./flake-config.ts";
import { explainIssues } from "./issues.ts";
import type { Origin } from "./origin.ts";
import { makeProject } from "./project.ts";
import { configSchema } from "./schema.ts";
import { refusedError, refusedOfProject, restrainProject } from "./stranger.ts";

export { defineConfig } from "./define.ts";
export type { ConfigInput } from "./schema.ts";

/**
 * Checks a configuration once and fills in its defaults; ConfigError names every path that is wrong. `origin`: for a
 * stranger's tree, whether the file is of the tree; what jobs of it may not have is in `refused`.
 */
export function parseConfig(
  input: unknown,
  workspace: string,
  configFile: string | null,
  origin: Origin | null = null,
): Project {
  const name = configFile ?? "the configuration";
  const parsed = configSchema.safeParse(input);
  if (!parsed.success) throw wrong(name, explainIssues(parsed.error.issues));
  const problems = crossProblems(parsed.data, workspace);
  if (problems.length > 0) throw wrong(name, problems.join("\n"));
  const project = makeProject(parsed.data, workspace, configFile);
  if (origin === null) return project;
  const refused = refusedOfProject(parsed.data, origin);
  if (refused.length > 0) throw refusedError(refused);
  return restrainProject(project, parsed.data, origin);
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
  const { path, value, origin } = await readConfigFile(workspace, file, context);
  return parseConfig(value, workspace, path, origin);
}

function wrong(file: string, problems: string): ConfigError {
  return new ConfigError(`${file} is wrong:\n${problems}`, {
    hint: "fix it, then `pikaci plan` shows what would run; docs/configuration.md explains every key",
  });
}
