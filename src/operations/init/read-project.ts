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

/** More than people write: how long a reader of YAML takes grows faster than its text. */
const LARGEST_YAML = 512 * 2 ** 10;
/** Brackets and signs that each open a level, one after the other. */
const DEEP = /(?:[-?:]\s+|[[{]\s*){100}/;

/** YAML files by path. They are data: no tag makes an object of them, and aliases do not grow without end. */
export async function readDocuments(files: ProjectFiles, paths: readonly string[]): Promise<Documents> {
  const documents = new Map<string, unknown>();
  const unread = new Map<string, string>();
  if (paths.length === 0) return { documents, unread };
  // Of a CommonJS package a bundle's chunk exports the default alone.
  const { default: yaml } = await import("yaml");
  for (const path of paths) {
    const read = readYaml(files.text(path) ?? "", yaml);
    documents.set(path, read.value);
    if (read.why !== null) unread.set(path, read.why);
  }
  return { documents, unread };
}

interface ReadYaml {
  readonly value: unknown;
  /** Why it cannot be read; null: it could. */
  readonly why: string | null;
}

function readYaml(text: string, { LineCounter, parseDocument }: typeof import("yaml")): ReadYaml {
  if (text.length > LARGEST_YAML) return { value: null, why: `it has more than ${LARGEST_YAML} characters` };
  if (DEEP.test(text)) return { value: null, why: "it is nested too deeply" };
  const lineCounter = new LineCounter();
  // Pretty errors take a time that grows with the square of their number.
  const options = { prettyErrors: false, logLevel: "error", merge: true, lineCounter } as const;
  try {
    const document = parseDocument(text, options);
    const [error] = document.errors;
    if (error === undefined) return { value: document.toJS({ maxAliasCount: 100 }), why: null };
    const { line, col } = lineCounter.linePos(error.pos[0]);
    return { value: null, why: `${error.message} at line ${line}, column ${col}` };
  } catch (error) {
    if (error instanceof ReferenceError) return { value: null, why: "its aliases make it too large" };
    if (error instanceof RangeError) return { value: null, why: "it is nested too deeply" };
    throw error;
  }
}
