import type { ProjectFiles } from "./files.ts";
import type { Project } from "./part.ts";
import { TASKFILES } from "./parts/commands.ts";

const WORKFLOWS = ".github/workflows";
const GITLAB = ".gitlab-ci.yml";

type CiKind = "workflow" | "gitlab";

/** Whose file it is, by its name, else by what is in it; null for none of a CI service that is known. */
export function kindOf(path: string, document: unknown): CiKind | null {
  if (/(?:^|\/)\.(?:github|gitea|forgejo)\/workflows\/[^/]+\.ya?ml$/.test(path)) return "workflow";
  if (/(?:^|[/.])gitlab-ci\.ya?ml$/.test(path)) return "gitlab";
  if (TASKFILES.includes(path) || typeof document !== "object" || document === null) return null;
  if (Array.isArray(document)) return null;
  return "jobs" in document && !("script" in Object(document.jobs)) ? "workflow" : "gitlab";
}

/** The files of CI services that a project has where these look for them. */
export function ciFiles(files: ProjectFiles): string[] {
  const workflows = files.names(WORKFLOWS).filter((name) => /\.ya?ml$/.test(name));
  return [
    ...(files.text(GITLAB) === null ? [] : [GITLAB]),
    ...workflows.map((name) => `${WORKFLOWS}/${name}`),
  ];
}

type Documents = Pick<Project, "documents" | "unread">;

/** The YAML files that proposals are made of. */
export async function readProject(files: ProjectFiles): Promise<Documents> {
  return readDocuments(files, [...TASKFILES.filter((name) => files.text(name) !== null), ...ciFiles(files)]);
}

/** YAML files by path. They are data: no tag makes an object of them, and aliases do not grow without end. */
export async function readDocuments(files: ProjectFiles, paths: readonly string[]): Promise<Documents> {
  const documents = new Map<string, unknown>();
  const unread = new Map<string, string>();
  if (paths.length === 0) return { documents, unread };
  // Of a CommonJS package a bundle's chunk exports the default alone.
  const { default: yaml } = await import("yaml");
  for (const path of paths) {
    try {
      documents.set(path, yaml.parse(files.text(path) ?? "", { maxAliasCount: 100, logLevel: "error", merge: true }));
    } catch (error) {
      documents.set(path, null);
      unread.set(path, reasonOf(error));
    }
  }
  return { documents, unread };

  /** A RangeError is a text that is nested deeper than the stack. */
  function reasonOf(error: unknown): string {
    if (error instanceof yaml.YAMLParseError) return error.message.split("\n")[0]?.replace(/:$/, "") ?? "";
    if (error instanceof ReferenceError) return "its aliases make it too large";
    if (error instanceof RangeError) return "it is nested too deeply";
    throw error;
  }
}
