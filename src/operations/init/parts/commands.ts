import { posix } from "node:path";
import * as z from "zod";
import { firstOf, has, type ProjectFiles } from "../files.ts";
import { type Look, onlyJob, type Part, type Project } from "../part.ts";
import { equip } from "../tool.ts";

const WANTED = ["check", "test", "ci"];

/** GNU make's own order. */
const MAKEFILES = ["GNUmakefile", "makefile", "Makefile"];

export const make: Look = (project) => {
  const file = firstOf(project.files, MAKEFILES);
  if (file === null) return null;
  const rules = makeRules(project.files, file);
  const names = rules.flatMap(({ targets }) => targets.filter((name) => /^[A-Za-z0-9][\w.-]*$/.test(name)));
  const name = wanted(names);
  if (name === null || !has(project.files, name) || isPhony(rules, name))
    return runs("make", file, names, project);
  const note = `\`-B\`, since make takes the ${name} that is there for made already; \`.PHONY: ${name}\` in ${file} says that it is none`;
  return runs("make -B", file, names, project, [note]);
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

/** The first of the names that people give to their tests; null where there is none. */
function wanted(names: readonly string[]): string | null {
  return WANTED.find((one) => names.includes(one)) ?? null;
}

/** A job for the wanted name; null where there is none. `words`: the program, and its options if it needs any. */
function runs(
  words: string,
  file: string,
  names: readonly string[],
  { find, system }: Project,
  more: readonly string[] = [],
): Part | null {
  const name = wanted(names);
  if (name === null) return null;
  const [program = words] = words.split(" ");
  const job = { command: `${words} ${name}`, workspace: "private" as const };
  const equipped = equip(job, [{ program, as: program }], find, system);
  const calls = "what it calls must be in the host's /usr, or in `prepare`; no network";
  const notes = [...equipped.notes, ...more, calls];
  return onlyJob(name, { ...equipped, notes }, `${file}: \`${words} ${name}\``);
}

interface MakeRule {
  readonly targets: readonly string[];
  readonly needs: readonly string[];
}

/** Without this, a target whose name a file or directory has is never run. */
function isPhony(rules: readonly MakeRule[], name: string): boolean {
  return rules.some(({ targets, needs }) => targets.includes(".PHONY") && needs.includes(name));
}

/** Rules by name, also for several targets on one line, and those of files that are included by name. */
function makeRules(files: ProjectFiles, file: string, seen: readonly string[] = []): MakeRule[] {
  if (seen.length > 8 || seen.includes(file)) return [];
  const lines = (files.text(file) ?? "").replace(/\\\n/g, " ").split("\n");
  const own = lines.flatMap((line) => {
    const [, names, needs = ""] = /^([^\s#:=][^#:=]*?)\s*::?(?![:=])([^#;]*)/.exec(line) ?? [];
    return names === undefined ? [] : [{ targets: names.split(/\s+/), needs: needs.trim().split(/\s+/) }];
  });
  const included = lines.flatMap((line) => {
    const [, names = ""] = /^ *[-s]?include\s+([^#$]+)/.exec(line) ?? [];
    return names.split(/\s+/).filter((name) => name !== "" && !posix.normalize(name).startsWith(".."));
  });
  return [...own, ...included.flatMap((name) => makeRules(files, posix.normalize(name), [...seen, file]))];
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
