import { posixQuote } from "../../../system/quote.ts";
import type { Project } from "../part.ts";
import { serverOf, serviceName } from "../servers.ts";
import { equip, type JobInput, type ProposedJob } from "../tool.ts";
import { needsNetwork, PREPARED, programsIn } from "../workflows/programs.ts";
import { leftBy, linesToLeave } from "./artifacts.ts";
import { spreadOf } from "./matrix.ts";
import { isMapping } from "./merge.ts";
import { retriesOf } from "./retries.ts";
import type { GitlabJob } from "./schema.ts";

/** The job, or why it is left out; `first` are lines before those of its script. */
export function made(
  job: GitlabJob,
  first: readonly string[],
  { files, find, system }: Project,
): ProposedJob | string {
  const spread = spreadOf(job.parallel);
  if (typeof spread === "string") return spread;
  const variables = Object.fromEntries(Object.entries(job.variables).map(([key, one]) => [key, String(one)]));
  const servers = serversOf(job, variables);
  if (typeof servers === "string") return servers;
  const retries = retriesOf(job);
  const left = leftBy(job);
  const script = [...job.before_script, ...(job.script ?? [])];
  const lines = [...spread.lines, ...first, ...script, ...linesToLeave(left.paths)];
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
    ...retries.keys,
  };
  const needs = programs
    .filter((one) => one !== "bash")
    .map((program) => ({ program, as: PREPARED[program] ?? program }));
  const equipped = equip(proposed, needs, find, system);
  const notes = [
    ...equipped.notes,
    ...servers.notes,
    ...retries.notes,
    ...left.notes,
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
function notTaken({ image, needs = [], cache, allow_failure, when, timeout }: GitlabJob): string[] {
  const imageName = isMapping(image) ? image["name"] : image;
  const elsewhere = needs.filter(({ isElsewhere }) => isElsewhere).map(({ job }) => job || "a pipeline");
  const parts = needs.filter(({ instances }) => instances !== undefined).map(({ job }) => job);
  return [
    ...(imageName === undefined
      ? []
      : [`its image ${String(imageName)} is not used: programs are the host's`]),
    ...elsewhere.map((name) => `its need of ${name} of another pipeline is not taken`),
    ...parts.map((name) => `it needs some instances of ${name} there, and all of them here`),
    ...(cache === undefined ? [] : ["its cache is not taken: name one in `caches`"]),
    ...(allow_failure === undefined || allow_failure === false
      ? []
      : ["allow_failure is not taken: its failure counts here, also for what needs it"]),
    ...(when === "always" ? ["when: always is not taken: it is skipped when what it needs fails"] : []),
    ...(timeout === undefined || timeoutOf(timeout).timeout !== undefined
      ? []
      : [`its timeout ${timeout} is not taken`]),
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
