import type { ProjectFiles } from "./files.ts";
import { GITLAB } from "./gitlab/gitlab.ts";
import { TASKFILES } from "./parts/commands.ts";
import { WORKFLOWS } from "./workflows/workflows.ts";

/** The YAML files that proposals are made of, by path; null for one that could not be read. */
export async function readDocuments(files: ProjectFiles): Promise<ReadonlyMap<string, unknown>> {
  const workflows = files.names(WORKFLOWS).filter((name) => /\.ya?ml$/.test(name));
  const paths = [
    ...[...TASKFILES, GITLAB].filter((name) => files.text(name) !== null),
    ...workflows.map((name) => `${WORKFLOWS}/${name}`),
  ];
  if (paths.length === 0) return new Map();
  // Of a CommonJS package a bundle's chunk exports the default alone.
  const { default: yaml } = await import("yaml");
  const { parse, YAMLParseError } = yaml;
  return new Map(
    paths.map((path) => {
      try {
        return [path, parse(files.text(path) ?? "", { maxAliasCount: 100, logLevel: "error" })] as const;
      } catch (error) {
        if (error instanceof YAMLParseError || error instanceof ReferenceError) return [path, null] as const;
        throw error;
      }
    }),
  );
}
