import type { Project } from "../core/project.ts";
import { findConfigFile } from "./config-file.ts";
import type { ConfigContext } from "./flake-config.ts";
import { bareProject } from "./project.ts";

/**
 * The workspace's project; one without a configuration is a project without jobs, and costs no schema. `file`
 * (absolute) is read instead of the file found there. ConfigError.
 */
export async function loadProjectOrBare(
  workspace: string,
  file: string | null,
  context: ConfigContext,
): Promise<Project> {
  if (file === null && findConfigFile(workspace) === null) return bareProject(workspace);
  const { loadProject } = await import("./load.ts");
  return loadProject(workspace, file, context);
}
