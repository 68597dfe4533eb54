import { formatDuration } from "../config/duration.ts";
import type { Plan, PlanNode } from "../core/plan.ts";
import { resolveRun } from "../operations/run.ts";
import { formatCommand } from "../report/format.ts";
import { sanitise } from "../report/sanitise.ts";
import { posixCommand } from "../system/quote.ts";
import { contextOf, type Invocation, openPlace, printJson, type Register } from "./invocation.ts";
import { plainReporter } from "./reporter.ts";
import { type RunArgs, requestOf, runOptions } from "./run-options.ts";

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      runOptions(options)
        .example("$0 plan", "the default target's nodes")
        .example("$0 plan check --json", "as data, like a run's plan.json"),
    (args) => showPlan(args, invocation),
  );

/** Prints what a run would do; `run --dry-run` is the same. ConfigError, UsageError. */
export async function showPlan(
  args: RunArgs & { readonly json: boolean },
  invocation: Invocation,
): Promise<void> {
  const { emit } = plainReporter(invocation, "normal");
  const context = contextOf(await openPlace(args, invocation), invocation, emit);
  const resolved = await resolveRun(requestOf(args, { repair: false, verify: false }, invocation), context);
  if (args.json) printJson(invocation, resolved.plan);
  else invocation.out(`${formatPlan(resolved.plan).join("\n")}\n`);
}

export function formatPlan({ target, host, nodes, skipped }: Plan): string[] {
  return [
    `${target === null ? "jobs" : `target ${target}`} on ${host}`,
    ...nodes.flatMap(formatNode),
    ...skipped.map(({ job, reason }) => `skip ${job}: ${sanitise(reason)}`),
  ];
}

function formatNode(node: PlanNode): string[] {
  if (node.kind === "prepare") return [sanitise(node.id), `    ${sanitise(posixCommand(node.argv))}`];
  const command = formatCommand(node.command).replaceAll("\n", "\n    ");
  const limits = `${node.backend}, at most ${formatDuration(node.timeout_ms)}`;
  const needs = node.needs.length === 0 ? [] : [`    after ${sanitise(node.needs.join(", "))}`];
  return [`${node.id} (${limits})`, `    ${command}`, ...needs];
}
