import type { ConfigInput } from "../../config/schema.ts";
import { gitlab } from "./gitlab/gitlab.ts";
import { isTaken } from "./job-name.ts";
import type { Look, Part, Project } from "./part.ts";
import { just, make, task } from "./parts/commands.ts";
import { flake } from "./parts/flake.ts";
import { go } from "./parts/go.ts";
import { cmake, gradle, maven, meson } from "./parts/native.ts";
import { node } from "./parts/node.ts";
import { python } from "./parts/python.ts";
import { rust } from "./parts/rust.ts";
import { kindOf } from "./read-project.ts";
import type { ProposedJob } from "./tool.ts";
import { workflow } from "./workflows/workflows.ts";

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
  const own = jobsOf(found);
  const services = servicesOf(project, Object.keys(own));
  const others = jobsOf(services);
  const known = { ...own, ...others };
  const { checks } = languages.find((part) => part.checks !== undefined) ?? {};
  const isKnown = Object.keys(known).length > 0 || checks !== undefined;
  const made = assembled(isKnown ? known : { test: placeholder(file) }, [...found, ...services]);
  return {
    ...made,
    config: {
      ...(checks === undefined ? {} : { checks }),
      ...targetsOf(
        { jobs: Object.keys(own), ...(checks === undefined ? {} : { checks: true }) },
        Object.keys(others),
      ),
      ...made.config,
    },
    notes: [...made.notes, ...(isKnown ? [] : [UNKNOWN])],
  };
}

/** A configuration of the jobs of CI services' files alone; it has no job where none could be taken. */
export function proposeImport(project: Project): Proposal {
  const parts = servicesOf(project, []);
  return assembled(jobsOf(parts), parts);
}

function assembled(jobs: Readonly<Record<string, ProposedJob>>, parts: readonly Part[]): Proposal {
  return {
    config: { jobs: mapValues(jobs, ({ job }) => job) },
    comments: mapValues(jobs, ({ notes }) => notes),
    notes: parts.flatMap(({ notes }) => notes),
    leftOut: parts.flatMap(({ leftOut = [] }) => leftOut),
  };
}

/** What the files of CI services give; their jobs have names that no other has. */
function servicesOf(project: Project, names: readonly string[]): Part[] {
  const taken = [...names];
  return [...project.documents].flatMap(([path, document]) => {
    const kind = kindOf(path, document);
    if (kind === null) return [];
    const part = (kind === "workflow" ? workflow : gitlab)(path, project, taken);
    taken.push(...Object.keys(part.jobs));
    return [part];
  });
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
