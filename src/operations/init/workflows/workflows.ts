import { has, type ProjectFiles } from "../files.ts";
import type { Look, Project } from "../part.ts";
import { preparedModules } from "../parts/node-modules.ts";
import { equip, type JobInput, type ProposedJob } from "../tool.ts";
import { actionOf } from "./actions.ts";
import { type Spread, spreadOf } from "./matrix.ts";
import { needsNetwork, PREPARED, programsIn } from "./programs.ts";
import { type Step, type Workflow, type WorkflowJob, workflowJobSchema, workflowSchema } from "./schema.ts";
import { servicesOf } from "./services.ts";
import { commandOf, refusal, runSteps } from "./steps.ts";

export const WORKFLOWS = ".github/workflows";

/** GitHub workflows: jobs of `run:` steps that need nothing from GitHub; the others are left out, with the reason. */
export const workflows: Look = (project) => {
  const jobs: Record<string, ProposedJob> = {};
  const leftOut: string[] = [];
  const paths = [...project.documents.keys()].filter((path) => path.startsWith(`${WORKFLOWS}/`));
  if (paths.length === 0) return null;
  for (const path of paths) {
    const parsed = workflowSchema.safeParse(project.documents.get(path));
    if (!parsed.success) {
      leftOut.push(`${path}: is not a workflow that can be read`);
      continue;
    }
    for (const [id, value] of Object.entries(parsed.data.jobs)) {
      const made = jobOf(parsed.data, value, project);
      if (typeof made === "string") leftOut.push(`${path}: the job ${id} ${made}`);
      else
        jobs[nameOf(path, id, Object.keys(jobs))] = {
          ...made,
          notes: [`${path}: the job ${id}`, ...made.notes],
        };
    }
  }
  const count = Object.keys(jobs).length;
  return {
    jobs,
    notes: [`${WORKFLOWS}: ${count} of ${count + leftOut.length} jobs need nothing from GitHub`],
    leftOut,
  };
};

/** The job, or why it is left out. */
function jobOf(workflow: Workflow, value: unknown, project: Project): ProposedJob | string {
  const parsed = workflowJobSchema.safeParse(value);
  if (!parsed.success) return "is written in a way that pikaci does not know";
  const spread = spreadOf(parsed.data);
  if (typeof spread === "string") return spread;
  const job = spread?.job ?? parsed.data;
  const services = servicesOf(job);
  if (typeof services === "string") return services;
  const actions = job.steps.flatMap(({ uses }) => (uses === undefined ? [] : [{ uses, is: actionOf(uses) }]));
  const unknown = actions.find(({ is }) => is === "unknown");
  if (unknown !== undefined) return `needs the action ${unknown.uses}`;
  const reason = refusal(workflow, job);
  if (reason !== null) return reason;
  const brought = actions.flatMap(({ is }) => (typeof is === "string" ? [] : is));
  return equipped({ workflow, job, brought, spread, ...services }, project);
}

/** A job that can be taken. */
interface Taken {
  readonly workflow: Workflow;
  readonly job: WorkflowJob;
  /** Programs that its actions bring. */
  readonly brought: readonly string[];
  readonly spread: Spread | null;
  readonly services: NonNullable<JobInput["services"]>;
  readonly notes: readonly string[];
}

function equipped(
  { workflow, job, brought, spread, services, notes: more }: Taken,
  { files, find, system }: Project,
): ProposedJob | string {
  const { steps, modules } = withoutInstall(runSteps(job), files);
  const texts = steps.map(({ run = "" }) => run).join("\n");
  const programs = [...new Set(["bash", ...brought, ...programsIn(texts)])];
  const missing = programs.find((program) => find(program).kind === "missing");
  if (missing !== undefined) return `needs ${missing}, which is not here`;
  const network = needsNetwork(texts, files);
  const env = Object.fromEntries(
    Object.entries({ ...workflow.env, ...job.env, ...spread?.env }).map(([name, one]) => [name, String(one)]),
  );
  const proposed: JobInput & { command: string } = {
    ...(spread === null ? {} : { matrix: spread.matrix }),
    command: commandOf(steps, workflow, job),
    ...(modules ? { prepare: preparedModules(files) } : {}),
    ...(Object.keys(services).length > 0 ? { services } : {}),
    ...(Object.keys(env).length > 0 ? { env } : {}),
    workspace: "private",
    ...(network ? { network: "host" } : {}),
  };
  const needs = programs
    .filter((one) => one !== "bash")
    .map((program) => ({ program, as: PREPARED[program] ?? program }));
  const made = equip(proposed, needs, find, system);
  const notes = [
    ...made.notes,
    ...more,
    ...matrixNotes(job, spread),
    network ? "network: its steps fetch something" : "no network",
  ];
  return { ...made, notes };
}

function matrixNotes({ strategy }: WorkflowJob, spread: Spread | null): string[] {
  if (strategy?.matrix === undefined) return [];
  if (spread === null) return ["its matrix is not run: once, with what is here"];
  return spread.unused.map((key) => `matrix.${key} is not run: only GitHub reads it`);
}

/** A step that only installs packages of Node is not needed where they are installed here. */
function withoutInstall(
  steps: readonly Step[],
  files: ProjectFiles,
): { steps: readonly Step[]; modules: boolean } {
  const isInstall = (step: Step) =>
    step["working-directory"] === undefined &&
    /^(?:npm (?:ci|i|install)|pnpm (?:i|install)|yarn(?: install)?|bun install)(?: --[\w-]+(?:=\S+)?)*$/.test(
      (step.run ?? "").trim(),
    );
  if (!has(files, "node_modules") || !steps.some(isInstall)) return { steps, modules: false };
  return { steps: steps.filter((step) => !isInstall(step)), modules: true };
}

/** The workflow's name and the job's, as a job's name that no other has. */
function nameOf(path: string, id: string, taken: readonly string[]): string {
  const stem = path.slice(WORKFLOWS.length + 1).replace(/\.ya?ml$/, "");
  const name =
    `${stem}-${id}`
      .replace(/[^A-Za-z0-9._-]+/g, "-")
      .replace(/^[^A-Za-z0-9]+/, "")
      .slice(0, 60) || "workflow";
  const isTaken = (one: string) => taken.some((other) => other.toLowerCase() === one.toLowerCase());
  if (!isTaken(name)) return name;
  return (
    Array.from({ length: taken.length + 1 }, (_, index) => `${name}-${index + 2}`).find(
      (one) => !isTaken(one),
    ) ?? name
  );
}
