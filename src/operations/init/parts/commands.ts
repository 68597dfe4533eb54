import { posix } from "node:path";
import * as z from "zod";
import { firstOf, type ProjectFiles } from "../files.ts";
import { type Look, onlyJob, type Part, type Project } from "../part.ts";
import { equip } from "../tool.ts";

const WANTED = ["check", "test", "ci"];

/** GNU make's own order. */
const MAKEFILES = ["GNUmakefile", "makefile", "Makefile"];

export const make: Look = (project) => {
  const file = firstOf(project.files, MAKEFILES);
  const names = file === null ? [] : makeTargets(project.files, file);
  return file === null ? null : runs("make", file, names, project);
};

export const just: Look = (project) => {
  const file = firstOf(project.files, ["justfile", "Justfile", ".justfile"]);
  const names = file === null ? [] : recipes(project.files.text(file) ?? "");
  return file === null ? null : runs("just", file, names, project);
};

/** Names of Taskfiles, as `documents` has them. */
export const TASKFILES = ["Taskfile.yml", "taskfile.yml", "Taskfile.yaml", "taskfile.yaml"];
const taskfile = z.object({ tasks: z.record(z.string(), z.unknown()) });

export const task: Look = (project) => {
  const file = TASKFILES.find((name) => project.documents.has(name));
  if (file === undefined) return null;
  const parsed = taskfile.safeParse(project.documents.get(file));
  return runs("task", file, parsed.success ? Object.keys(parsed.data.tasks) : [], project);
};

/** A job for the first of the names that people give to their tests; null where there is none. */
function runs(
  program: string,
  file: string,
  names: readonly string[],
  { find, system }: Project,
): Part | null {
  const name = WANTED.find((one) => names.includes(one));
  if (name === undefined) return null;
  const job = { command: `${program} ${name}`, workspace: "private" as const };
  const equipped = equip(job, [{ program, as: program }], find, system);
  const calls = "what it calls must be in the host's /usr, or in `prepare`; no network";
  return onlyJob(name, { ...equipped, notes: [...equipped.notes, calls] }, `${file}: \`${program} ${name}\``);
}

/** Targets by name, also several on one line, and those of files that are included by name. */
function makeTargets(files: ProjectFiles, file: string, seen: readonly string[] = []): string[] {
  if (seen.length > 8 || seen.includes(file)) return [];
  const lines = (files.text(file) ?? "").replace(/\\\n/g, " ").split("\n");
  const own = lines.flatMap((line) => {
    const [, names = ""] = /^([^\s#:=][^#:=]*?)\s*::?(?![:=])/.exec(line) ?? [];
    return names.split(/\s+/).filter((name) => /^[A-Za-z0-9][\w.-]*$/.test(name));
  });
  const included = lines.flatMap((line) => {
    const [, names = ""] = /^ *[-s]?include\s+([^#$]+)/.exec(line) ?? [];
    return names.split(/\s+/).filter((name) => name !== "" && !posix.normalize(name).startsWith(".."));
  });
  return [...own, ...included.flatMap((name) => makeTargets(files, posix.normalize(name), [...seen, file]))];
}

/** Recipes that can be run without arguments. */
function recipes(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const [, name, parameters = ""] = /^@?([A-Za-z_][\w-]*)((?:\s+[^\s:]+)*)\s*:(?!=)/.exec(line) ?? [];
    const needed = parameters
      .split(/\s+/)
      .filter((one) => one !== "" && !one.includes("=") && !one.startsWith("*"));
    return name === undefined || name === "set" || name === "alias" || needed.length > 0 ? [] : [name];
  });
}
