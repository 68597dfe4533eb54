import { has, type ProjectFiles } from "../files.ts";
import type { Project } from "../part.ts";
import { preparedModules } from "../parts/node-modules.ts";
import { equip, type JobInput, type ProposedJob } from "../tool.ts";
import { actionOf } from "./actions.ts";
import { type Spread, spreadOf } from "./matrix.ts";
import { needsNetwork, PREPARED, programsIn } from "./programs.ts";
import type { Step, Workflow, WorkflowJob } from "./schema.ts";
import { servicesOf } from "./services.ts";
import { aftermathOf, commandOf, refusal, runSteps } from "./steps.ts";

/** The job, or why it is left out. */
export function jobOf(workflow: Workflow, whole: WorkflowJob, project: Project): ProposedJob | string {
  const spread = spreadOf(whole);
  if (typeof spread === "string") return spread;
  const job = spread?.job ?? whole;
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
    ...timeoutOf(job),
  };
  const needs = programs
    .filter((one) => one !== "bash")
    .map((program) => ({ program, as: PREPARED[program] ?? program }));
  const made = equip(proposed, needs, find, system);
  const notes = [
    ...made.notes,
    ...more,
    ...matrixNotes(job, spread),
    ...lossesOf(job),
    network ? "network: its steps fetch something" : "no network",
  ];
  return { ...made, notes };
}

function matrixNotes({ strategy }: WorkflowJob, spread: Spread | null): string[] {
  if (strategy?.matrix === undefined) return [];
  if (spread === null) return ["its matrix is not run: once, with what is here"];
  return spread.unused.map((key) => `matrix.${key} is not run: only GitHub reads it`);
}

/** Minutes; any other form, an expression above all, keeps the default. */
function timeoutOf({ "timeout-minutes": minutes }: WorkflowJob): { timeout?: string } {
  return Number.isInteger(minutes) && Number(minutes) > 0 ? { timeout: `${minutes}m` } : {};
}

/** What of a job is lost, in plain words. */
function lossesOf(job: WorkflowJob): string[] {
  const { "continue-on-error": tolerant, "timeout-minutes": minutes } = job;
  return [
    ...(tolerant === undefined || tolerant === false
      ? []
      : ["continue-on-error is not taken: its failure counts here, also for what needs it"]),
    ...(minutes === undefined || timeoutOf(job).timeout !== undefined
      ? []
      : [`timeout-minutes: ${JSON.stringify(minutes)} is not taken`]),
    ...(job.steps.some(({ uses = "" }) => /^(?:actions\/cache|Swatinem\/rust-cache)@/.test(uses))
      ? ["its cache is not taken: name one in `caches`"]
      : []),
    ...aftermathOf(job).map((title) => `${title} is not run: it is for after a failure`),
  ];
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
