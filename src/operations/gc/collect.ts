import { loadProjectOrBare } from "../../config/bare.ts";
import { selectHost } from "../../config/host.ts";
import type { Context } from "../../core/context.ts";
import { PikaciError } from "../../core/errors.ts";
import type { HostSpec, Project } from "../../core/project.ts";
import { openPlainSession } from "../../remote/host-link.ts";
import { newRunId } from "../../system/run-id.ts";
import { sweepClocks } from "../../tree/tree-clock.ts";
import { forgotten, removeForgotten } from "./forgotten.ts";
import { itemsOnHost, removeOnHost } from "./host-items.ts";
import { localItems, removeLocal } from "./local-items.ts";
import { type Decision, type Item, type Policy, planCollection } from "./plan.ts";

interface GcRequest {
  /** Names or addresses; none: every host of the configuration. */
  readonly hosts: readonly string[];
  readonly policy: Policy;
  readonly dryRun: boolean;
  readonly config: string | null;
}

/** What was or would be done in one place. */
export interface Account {
  /** `workspace`, or the host's name. */
  readonly place: string;
  readonly decisions: readonly Decision[];
  /** `KIND/NAME why` of items that should have been removed but were in use by then. */
  readonly kept: readonly string[];
  /** Why nothing could be done there. */
  readonly error: PikaciError | null;
}

/** Collects garbage in the workspace and on hosts, even when one of the hosts cannot be reached. */
export async function collectGarbage(request: GcRequest, context: Context): Promise<Account[]> {
  const project = await loadProjectOrBare(context.workspace, request.config, context);
  const hosts = await hostsOf(project, request.hosts, context);
  const accounts = [collectHere(request, context)];
  for (const host of hosts) accounts.push(await collectThere(host, request, context));
  return accounts;
}

async function hostsOf(project: Project, names: readonly string[], context: Context): Promise<HostSpec[]> {
  const words = names.length > 0 ? names : [null];
  const chosen = await Promise.all(words.map((word) => selectHost(project, word, context)));
  if (names.length > 0) return chosen;
  const all = [...chosen, ...Object.values(project.hosts)];
  return [...new Map(all.map((host) => [`${host.url} ${host.workDir}`, host])).values()];
}

function collectHere({ policy, dryRun }: GcRequest, context: Context): Account {
  const decisions = planCollection(localItems(context, context.clock()), policy);
  const besides = forgotten(context);
  if (!dryRun) {
    removeLocal(toRemove(decisions), context);
    removeForgotten(context);
    sweepClocks(context);
  }
  return { place: "workspace", decisions: [...decisions, ...besides], kept: [], error: null };
}

async function collectThere(
  host: HostSpec,
  { policy, dryRun }: GcRequest,
  context: Context,
): Promise<Account> {
  const runId = newRunId(context.clock());
  try {
    const session = await openPlainSession({ host, runId, as: "observer" }, context);
    try {
      const decisions = planCollection(await itemsOnHost(session, context), policy);
      const going = toRemove(decisions);
      const kept = dryRun || going.length === 0 ? [] : await removeOnHost(going, session, context);
      return { place: host.name, decisions, kept, error: null };
    } finally {
      await session.connection.close();
    }
  } catch (error) {
    if (!(error instanceof PikaciError) || context.signal.aborted) throw error;
    return { place: host.name, decisions: [], kept: [], error };
  }
}

function toRemove(decisions: readonly Decision[]): Item[] {
  return decisions.filter(({ remove }) => remove).map(({ item }) => item);
}
