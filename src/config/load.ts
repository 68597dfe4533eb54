import { ConfigError } from "../core/errors.ts";
import type { Project } from "../core/project.ts";
import { readConfigFile } from "./config-file.ts";
import { crossProblems } from "./cross.ts";
import { expandJobs } from "./expand.ts";
import type { ConfigContext } from "./flake-config.ts";
import { withoutInstances } from "./instance-problems.ts";
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
  const expanded = expandJobs(input);
  if (expanded.problems.length > 0) throw wrong(name, expanded.problems);
  const parsed = configSchema.safeParse(expanded.input);
  if (!parsed.success)
    throw wrong(name, withoutInstances(explainIssues(parsed.error.issues).split("\n"), expanded.names));
  const problems = crossProblems(parsed.data, workspace);
  if (problems.length > 0) throw wrong(name, withoutInstances(problems, expanded.names));
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

function wrong(file: string, problems: readonly string[]): ConfigError {
  return new ConfigError(`${file} is wrong:\n${problems.join("\n")}`, {
    hint: "fix it, then `pikaci plan` shows what would run; docs/configuration.md explains every key",
  });
}
