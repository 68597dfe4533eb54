import { formatDuration } from "../config/duration.ts";
import type { Plan, PlanNode } from "../core/plan.ts";
import { resolveRun } from "../operations/run.ts";
import { formatCommand, plural } from "../report/format.ts";
import { formatJobTree } from "../report/job-tree.ts";
import { sanitise } from "../report/sanitise.ts";
import { posixCommand } from "../system/quote.ts";
import { type Call, openPlace } from "./call.ts";
import { printJson, printLines } from "./invocation.ts";
import { plainReporter } from "./reporter.ts";
import { requestOf, type Selection } from "./run-request.ts";

/** Prints what a run would do; `run --dry-run` is the same. ConfigError, UsageError. */
export async function handle(
  args: Selection & { readonly json: boolean; readonly failed?: boolean },
  call: Call,
): Promise<number> {
  const { context } = await openPlace(call);
  const { emit } = plainReporter(call.invocation, "normal");
  const { plan } = await resolveRun(
    { ...requestOf(args, call), failedOnly: args.failed ?? false },
    context(emit),
  );
  if (args.json) printJson(call.invocation, plan);
  else printLines(call.invocation, formatPlan(plan));
  return 0;
}

function formatPlan({ target, host, nodes, skipped }: Plan): string[] {
  return [
    `${target === null ? "jobs" : `target ${target}`} on ${host}`,
    ...nodes.flatMap(formatNode),
    ...skipped.map(({ job, reason }) => `skip ${job}: ${sanitise(reason)}`),
    ...formatGraph(nodes),
  ];
}

/** Which jobs wait for which. What is known from earlier runs, and need not run again, no plan knows. */
function formatGraph(nodes: readonly PlanNode[]): string[] {
  const names = new Map(nodes.flatMap((node) => (node.kind === "prepare" ? [] : [[node.id, node.job]])));
  const jobs = nodes.flatMap((node) =>
    node.kind === "prepare"
      ? []
      : [{ job: node.job, needs: node.needs.flatMap((need) => names.get(need) ?? []) }],
  );
  const tree = formatJobTree(jobs);
  return tree.length === 0
    ? []
    : ["", "jobs, each below what it waits for; a run leaves out those whose verdict is known:", ...tree];
}

function formatNode(node: PlanNode): string[] {
  if (node.kind === "prepare") return [sanitise(node.id), `    ${sanitise(posixCommand(node.argv))}`];
  const needs = node.needs.length === 0 ? [] : [`    after ${sanitise(node.needs.join(", "))}`];
  if (node.kind === "build") return [`${node.id} (no guest: it passes when it builds)`, ...needs];
  const command = formatCommand(node.command).replaceAll("\n", "\n    ");
  const { retries = 0, quarantine = [] } = node;
  const again = retries === 0 ? "" : `, at most ${plural(retries + 1, "attempt")}`;
  const limits = `${node.backend}, at most ${formatDuration(node.timeout_ms)}${again}`;
  const services = node.services === undefined ? [] : [`    beside it ${node.services.join(", ")}`];
  const excused = quarantine.length === 0 ? [] : [`    in quarantine: ${sanitise(quarantine.join(", "))}`];
  return [`${node.id} (${limits})`, `    ${command}`, ...services, ...excused, ...needs];
}
