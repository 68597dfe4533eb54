import { posixQuote } from "../../../system/quote.ts";
import type { Step, Workflow, WorkflowJob } from "./schema.ts";

/** Why a job cannot be one here; null when it can, as far as its steps are known. */
export function refusal(workflow: Workflow, job: WorkflowJob): string | null {
  const whole = wholeRefusal(workflow, job);
  if (whole !== null) return whole;
  for (const step of runSteps(job)) {
    const reason = stepRefusal(step, shellOf(step, job, workflow));
    if (reason !== null) return reason;
  }
  return runSteps(job).length === 0 ? "has no `run:` steps" : null;
}

function wholeRefusal(workflow: Workflow, job: WorkflowJob): string | null {
  if (job.uses !== undefined) return `calls the workflow ${job.uses}`;
  if (job.if !== undefined) return "runs under a condition";
  if (job.container !== undefined) return "runs in a container";
  if (job.environment !== undefined) return "deploys something";
  if (!runsOnLinux(job)) return `runs on ${JSON.stringify(job["runs-on"])}`;
  const values = Object.values({ ...workflow.env, ...job.env }).map(String);
  return values.some(isExpression) ? "has an expression in its environment" : null;
}

const GITHUB_FILES = /\bGITHUB_(?:ENV|OUTPUT|PATH|STATE|STEP_SUMMARY)\b/;

function stepRefusal(step: Step, shell: string): string | null {
  const { run = "", env } = step;
  if (step.if !== undefined) return `${title(step)} runs under a condition`;
  const texts = [run, step["working-directory"] ?? "", ...Object.values(env).map(String)];
  if (texts.some(isExpression)) return `${title(step)} has an expression of GitHub's`;
  if (!["bash", "sh"].includes(shell)) return `${title(step)} is for the shell ${shell}`;
  const file = GITHUB_FILES.exec(run)?.[0];
  if (file !== undefined) return `${title(step)} uses ${file}`;
  return /\bsudo\b/.test(run) ? `${title(step)} uses sudo` : null;
}

/** Steps with commands, less those for what follows a failure. */
export function runSteps({ steps }: WorkflowJob): readonly Step[] {
  return steps.filter(({ run, if: condition }) => run !== undefined && !isAftermath(condition));
}

/** Steps that are for what follows a failure. */
export function aftermathOf({ steps }: WorkflowJob): string[] {
  return steps.filter(({ run, if: condition }) => run !== undefined && isAftermath(condition)).map(title);
}

function isAftermath(condition: unknown): boolean {
  return (
    typeof condition === "string" && /^\s*(?:\$\{\{)?\s*(?:always|failure|cancelled)\(\)/.test(condition)
  );
}

/** Each step is a shell of its own, as there; the first that fails ends the job. */
export function commandOf(steps: readonly Step[], workflow: Workflow, job: WorkflowJob): string {
  const blocks = steps.map((step) => {
    const directory = step["working-directory"] ?? directoryOf(job, workflow);
    const shell = step.shell ?? job.defaults?.run?.shell ?? workflow.defaults?.run?.shell;
    const lines = [
      ...(shell === "bash" ? ["set -o pipefail"] : []),
      ...(directory === undefined ? [] : [`cd -- ${posixQuote(directory)}`]),
      ...Object.entries(step.env).map(([name, value]) => `export ${name}=${posixQuote(String(value))}`),
      (step.run ?? "").trimEnd(),
    ];
    const tolerant = step["continue-on-error"] === true ? " || true" : "";
    return `(\n${lines.join("\n")}\n)${tolerant}`;
  });
  return `bash -e -c ${posixQuote(blocks.join("\n"))}`;
}

function directoryOf(job: WorkflowJob, workflow: Workflow): string | undefined {
  return job.defaults?.run?.["working-directory"] ?? workflow.defaults?.run?.["working-directory"];
}

function shellOf(step: Step, job: WorkflowJob, workflow: Workflow): string {
  return step.shell ?? job.defaults?.run?.shell ?? workflow.defaults?.run?.shell ?? "bash";
}

/** A matrix of systems counts when Linux is among them. */
function runsOnLinux({ "runs-on": runsOn, strategy }: WorkflowJob): boolean {
  return isLinux(isExpression(String(runsOn)) ? (strategy?.matrix ?? "") : (runsOn ?? ""));
}

/** Whether what names a runner, or runners among other things, names one of Linux. */
export function isLinux(runsOn: unknown): boolean {
  return /ubuntu|linux|self-hosted/i.test(JSON.stringify(runsOn) ?? "");
}

function isExpression(text: string): boolean {
  return text.includes("${{");
}

function title({ name, run = "" }: Step): string {
  return `the step ${JSON.stringify(name ?? run.trim().split("\n")[0] ?? "")}`;
}
