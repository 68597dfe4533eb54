import type { ConfigInput } from "../../config/schema.ts";
import type { ProjectFiles } from "./files.ts";
import type { FindTool, ProposedJob } from "./tool.ts";

/** What `init` saw of a project, and of the machine that it is on. */
export interface Project {
  readonly files: ProjectFiles;
  /** YAML files that were read, by path; an absent one is not there, null could not be read. */
  readonly documents: ReadonlyMap<string, unknown>;
  /** Why one could not be read, by path. */
  readonly unread: ReadonlyMap<string, string>;
  readonly find: FindTool;
  /** Nix's name of this machine's platform. */
  readonly system: string;
  /** Names of the flake's checks; null where they were not asked for. */
  readonly checks: readonly string[] | null;
  /** Whether this machine can evaluate a flake. */
  readonly nix: "here" | "missing";
}

/** What one kind of project gives. */
export interface Part {
  readonly jobs: Readonly<Record<string, ProposedJob>>;
  /** Checks of the flake are jobs, too. */
  readonly checks?: ConfigInput["checks"];
  /** What was seen and taken for granted, one a line, for people. */
  readonly notes: readonly string[];
  /** What is in the project and became no job, and why. */
  readonly leftOut?: readonly string[];
}

/** Looks for one kind of project; null where it is not. */
export type Look = (project: Project) => Part | null;

/** Jobs of a CI service's file; `names` are those that other jobs have already. */
export type ServiceLook = (path: string, project: Project, names: readonly string[]) => Part;

/** A part of one job. */
export function onlyJob(name: string, job: ProposedJob, note: string): Part {
  return { jobs: { [name]: job }, notes: [note] };
}
