import { basename } from "node:path";
import { ConfigError } from "../core/errors.ts";
import type { Project } from "../core/project.ts";
import type { SnapshotFilters } from "../core/snapshot.ts";
import { findConfigFile } from "./config-file.ts";
import { type ConfigContext, FLAKE_FILE } from "./flake-config.ts";
import { findStrangersConfig } from "./origin.ts";
import { bareProject } from "./project.ts";

/**
 * The workspace's project. Without a configuration it is a project without jobs, and no schema is loaded. `file` (absolute) is
 * read instead of the file found there. ConfigError.
 */
export async function loadProjectOrBare(
  workspace: string,
  file: string | null,
  context: ConfigContext,
): Promise<Project> {
  const found = context.author === "stranger" ? findStrangersConfig(workspace) : findConfigFile(workspace);
  if (file === null && found === null) return bareProject(workspace);
  const { loadProject } = await import("./load.ts");
  return loadProject(workspace, file, context);
}

/** Snapshot filters, and why they are not the project's own; null when they are. */
interface FoundFilters {
  readonly filters: SnapshotFilters;
  readonly missing: string | null;
}

/**
 * The project's snapshot filters for a command that works without a configuration: a flake is evaluated only when it is
 * named, and a wrong configuration is a warning. ConfigError only for `file`.
 */
export async function findFilters(
  workspace: string,
  file: string | null,
  context: ConfigContext,
): Promise<FoundFilters> {
  const found = file === null ? findConfigFile(workspace) : file;
  const none = (missing: string) => ({ filters: bareProject(workspace).filters, missing });
  if (file === null && found !== null && basename(found) === FLAKE_FILE)
    return none(`${found} was not evaluated`);
  try {
    const { filters } = await loadProjectOrBare(workspace, file, context);
    return { filters, missing: null };
  } catch (error) {
    if (file !== null || !(error instanceof ConfigError)) throw error;
    return none(error.message);
  }
}
