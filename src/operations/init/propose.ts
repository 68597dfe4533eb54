import type { ConfigInput } from "../../config/schema.ts";
import { gitlab } from "./gitlab/gitlab.ts";
import type { Look, Part, Project } from "./part.ts";
import { just, make, task } from "./parts/commands.ts";
import { flake } from "./parts/flake.ts";
import { go } from "./parts/go.ts";
import { cmake, gradle, maven, meson } from "./parts/native.ts";
import { node } from "./parts/node.ts";
import { python } from "./parts/python.ts";
import { rust } from "./parts/rust.ts";
import type { ProposedJob } from "./tool.ts";
import { workflows } from "./workflows/workflows.ts";

export interface Proposal {
  readonly config: ConfigInput;
  /** What is said beside each job, by its name. */
  readonly comments: Readonly<Record<string, readonly string[]>>;
  /** What was seen and taken for granted, one a line. */
  readonly notes: readonly string[];
  /** What the project has and no job does, and why. */
  readonly leftOut: readonly string[];
}

/** Each that is there gives jobs; of two that give the same name, the first has it. */
const LANGUAGES: readonly Look[] = [node, rust, go, python, cmake, meson, gradle, maven, flake];
/** Runners of commands, for a project that is none of those: the first that is there. */
const RUNNERS: readonly Look[] = [just, task, make];

/**
 * A configuration for a project as it is seen. Jobs of workflows are a target of their own beside others; a project of
 * which nothing is known gets a job that fails and says what to write.
 */
export function propose(project: Project, file: string): Proposal {
  const languages = LANGUAGES.flatMap((look) => look(project) ?? []);
  const found = hasJobs(languages) ? languages : [...languages, ...firstRunner(project)];
  const services = [workflows, gitlab].flatMap((look) => look(project) ?? []);
  const own = jobsOf(found);
  const others = Object.entries(jobsOf(services)).filter(([name]) => !isTaken(name, Object.keys(own)));
  const known = { ...own, ...Object.fromEntries(others) };
  const { checks } = languages.find((part) => part.checks !== undefined) ?? {};
  const isKnown = Object.keys(known).length > 0 || checks !== undefined;
  const jobs = isKnown ? known : { test: placeholder(file) };
  const parts = [...found, ...services];
  return {
    config: {
      ...(checks === undefined ? {} : { checks }),
      ...targetsOf(
        { jobs: Object.keys(own), ...(checks === undefined ? {} : { checks: true }) },
        others.map(([name]) => name),
      ),
      jobs: mapValues(jobs, ({ job }) => job),
    },
    comments: mapValues(jobs, ({ notes }) => notes),
    notes: [...parts.flatMap(({ notes }) => notes), ...(isKnown ? [] : [UNKNOWN])],
    leftOut: parts.flatMap(({ leftOut = [] }) => leftOut),
  };
}

function firstRunner(project: Project): Part[] {
  const parts = RUNNERS.flatMap((look) => look(project) ?? []);
  return parts.slice(0, 1);
}

function hasJobs(parts: readonly Part[]): boolean {
  return parts.some(({ jobs }) => Object.keys(jobs).length > 0);
}

function jobsOf(parts: readonly Part[]): Record<string, ProposedJob> {
  const jobs: Record<string, ProposedJob> = {};
  for (const [name, job] of parts.flatMap((part) => Object.entries(part.jobs)))
    if (!isTaken(name, Object.keys(jobs))) jobs[name] = job;
  return jobs;
}

/** Names of jobs become names of files, and some file systems ignore case. */
function isTaken(name: string, names: readonly string[]): boolean {
  return names.some((other) => other.toLowerCase() === name.toLowerCase());
}

function targetsOf(
  own: { readonly jobs: string[]; readonly checks?: boolean },
  others: readonly string[],
): Pick<ConfigInput, "targets"> {
  if ((own.jobs.length === 0 && own.checks !== true) || others.length === 0) return {};
  return {
    targets: {
      default: { description: "what the project's files show", ...own },
      workflows: { description: "jobs of CI services' own files", jobs: [...others] },
    },
  };
}

const UNKNOWN = "nothing here that pikaci knows how to test: the job test fails until its command is written";

function placeholder(file: string): ProposedJob {
  const text = `write the command that tests this project: jobs.test.command in ${file}`;
  return {
    job: { command: `echo '${text}' >&2; exit 1` },
    notes: ['for example, command: "make check" or command: ["./run-tests", "--all"]'],
  };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
