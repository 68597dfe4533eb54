import { posixQuote } from "../../../system/quote.ts";
import type { Look, Project } from "../part.ts";
import { serverOf, serviceName } from "../servers.ts";
import { equip, type JobInput, type ProposedJob } from "../tool.ts";
import { needsNetwork, PREPARED, programsIn } from "../workflows/programs.ts";
import { spreadOf } from "./matrix.ts";
import { extended, isMapping } from "./merge.ts";
import { refusal } from "./refusal.ts";
import { type GitlabJob, gitlabJobSchema, variablesSchema } from "./schema.ts";

export const GITLAB = ".gitlab-ci.yml";

/** Top-level keys that are no jobs. */
const GLOBAL = ["stages", "default", "variables", "workflow", "include", "spec"];
/** Keys that may stand at the top as in `default`. */
const DEFAULTS = ["image", "services", "before_script", "after_script", "cache", "retry", "timeout"];

/** A GitLab file: jobs that need nothing from GitLab; the others are left out, with the reason. */
export const gitlab: Look = (project) => {
  if (!project.documents.has(GITLAB)) return null;
  const all = project.documents.get(GITLAB);
  if (!isMapping(all)) return { jobs: {}, notes: [], leftOut: [`${GITLAB}: cannot be read`] };
  const top = Object.fromEntries(Object.entries(all).filter(([key]) => DEFAULTS.includes(key)));
  const defaults = { ...top, ...(isMapping(all["default"]) ? all["default"] : {}) };
  const names = Object.keys(all).filter(
    (name) => !name.startsWith(".") && !GLOBAL.includes(name) && !DEFAULTS.includes(name),
  );
  const jobs: Record<string, ProposedJob> = {};
  const leftOut = all["include"] === undefined ? [] : [`${GITLAB}: what it includes`];
  for (const name of names) {
    const made = jobOf({ ...all, [name]: extended(name, all) }, name, defaults, project);
    if (typeof made === "string") leftOut.push(`${GITLAB}: the job ${name} ${made}`);
    else jobs[jobName(name, Object.keys(jobs))] = made;
  }
  return {
    jobs,
    notes: [`${GITLAB}: ${Object.keys(jobs).length} of ${names.length} jobs need nothing from GitLab`],
    leftOut,
  };
};

type Mapping = Readonly<Record<string, unknown>>;

/** The job, or why it is left out. */
function jobOf(all: Mapping, name: string, defaults: Mapping, project: Project): ProposedJob | string {
  const own = all[name];
  if (!isMapping(own)) return "extends something that is not in the file";
  const parsed = gitlabJobSchema.safeParse({ ...defaults, ...own });
  const globals = variablesSchema.safeParse(all["variables"] ?? undefined);
  if (!parsed.success || !globals.success) return "is written in a way that pikaci does not know";
  const job = { ...parsed.data, variables: { ...globals.data, ...parsed.data.variables } };
  return refusal(job, project.files.text(GITLAB) ?? "") ?? made(job, name, project);
}

function made(job: GitlabJob, name: string, { files, find, system }: Project): ProposedJob | string {
  const spread = spreadOf(job.parallel);
  if (typeof spread === "string") return spread;
  const variables = Object.fromEntries(Object.entries(job.variables).map(([key, one]) => [key, String(one)]));
  const servers = serversOf(job, variables);
  if (typeof servers === "string") return servers;
  const lines = [...spread.lines, ...job.before_script, ...(job.script ?? [])];
  const text = lines.join("\n");
  const programs = [...new Set(["bash", ...programsIn(text)])];
  const missing = programs.find((program) => find(program).kind === "missing");
  if (missing !== undefined) return `needs ${missing}, which is not here`;
  const network = needsNetwork(text, files);
  const place: Record<string, string> = /\bCI_PROJECT_DIR\b/.test(text)
    ? { CI_PROJECT_DIR: "/workspace" }
    : {};
  const env = { ...place, ...variables, ...spread.env };
  const proposed: JobInput & { command: string } = {
    ...spread.keys,
    command: `bash -eo pipefail -c ${posixQuote(text)}`,
    ...(Object.keys(servers.services).length === 0 ? {} : { services: servers.services }),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    workspace: "private",
    ...(network ? { network: "host" } : {}),
    ...timeoutOf(job.timeout),
  };
  const needs = programs
    .filter((one) => one !== "bash")
    .map((program) => ({ program, as: PREPARED[program] ?? program }));
  const equipped = equip(proposed, needs, find, system);
  const notes = [
    `${GITLAB}: the job ${name}`,
    ...equipped.notes,
    ...servers.notes,
    ...notTaken(job),
    network ? "network: its script fetches something" : "no network",
  ];
  return { ...equipped, notes };
}

function serversOf(
  { services }: GitlabJob,
  variables: Readonly<Record<string, string>>,
): { services: NonNullable<JobInput["services"]>; notes: string[] } | string {
  const made: NonNullable<JobInput["services"]> = {};
  const notes: string[] = [];
  for (const { name, alias, variables: own } of services) {
    const all = Object.fromEntries(
      Object.entries({ ...variables, ...own }).map(([key, one]) => [key, String(one)]),
    );
    const server = serverOf(name, all);
    if (server === null) return `needs the service ${name}, for which pikaci knows no program`;
    const called = serviceName(alias ?? name);
    if (Object.hasOwn(made, called)) return `has two services called ${called}`;
    made[called] = server.service;
    notes.push(`${server.note}; not at the name ${alias ?? serviceName(name)}`);
  }
  return { services: made, notes };
}

/** What of a job is lost, in plain words. */
function notTaken({ image, retry = 0, needs, artifacts, cache, allow_failure }: GitlabJob): string[] {
  const imageName = isMapping(image) ? image["name"] : image;
  return [
    ...(imageName === undefined
      ? []
      : [`its image ${String(imageName)} is not used: programs are the host's`]),
    ...(retry > 0 ? [`retry: ${retry} is not taken`] : []),
    ...(needs === undefined || needs.length === 0 ? [] : ["its needs are not taken: it starts at once"]),
    ...(artifacts === undefined ? [] : ["its artifacts are not taken: write them to /artifacts"]),
    ...(cache === undefined ? [] : ["its cache is not taken: name one in `caches`"]),
    ...(allow_failure === undefined || allow_failure === false ? [] : ["its failure counts here"]),
  ];
}

/** `1h 30m`, `90 minutes`; any other form keeps the default. */
function timeoutOf(text: string | undefined): { timeout?: string } {
  const parts = [...(text ?? "").matchAll(/(\d+)\s*(h|m)[a-z]*/g)].map(
    ([, count, unit]) => `${count}${unit}`,
  );
  const whole = /^(?:\s*\d+\s*(?:h|hours?|m|mins?|minutes?)\s*)+$/.test(text ?? "");
  return whole && parts.length > 0 ? { timeout: parts.join("") } : {};
}

function jobName(text: string, taken: readonly string[]): string {
  const name =
    text
      .replace(/[^A-Za-z0-9._-]+/g, "-")
      .replace(/^[^A-Za-z0-9]+|-+$/g, "")
      .slice(0, 60) || "job";
  const isTaken = (one: string) => taken.some((other) => other.toLowerCase() === one.toLowerCase());
  for (let number = 2, one = name; ; number += 1) {
    if (!isTaken(one)) return one;
    one = `${name}-${number}`;
  }
}
