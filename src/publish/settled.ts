import { setTimeout } from "node:timers/promises";
import type { Context } from "../core/context.ts";
import { abortError, TreeChanged } from "../core/errors.ts";
import type { HashedSnapshot, Published, SnapshotFilters } from "../core/snapshot.ts";
import { workspaceOf } from "../core/workspace-of.ts";
import type { HostSession } from "../remote/session.ts";
import { hash } from "../tree/hash.ts";
import { snapshot } from "../tree/snapshot.ts";
import { type PublishOptions, publish } from "./publish.ts";

/** How often the snapshot of a tree that changes meanwhile is taken, including the first time. */
const ATTEMPTS = 3;

/** Milliseconds that a writer is given to finish. */
const PAUSE_MS = 300;

/**
 * Publishes a workspace that people are working in. When a file changed since it was hashed, a new snapshot is taken;
 * `hashed` of the result is the one that was published. Throws what `publish` throws, and TreeChanged when files keep changing.
 */
export async function publishSettled(
  hashed: HashedSnapshot,
  session: HostSession,
  { filters, ...options }: PublishOptions & { readonly filters: SnapshotFilters },
  context: Context,
): Promise<Published> {
  let current = hashed;
  let place = session;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await publish(current, place, options, context);
    } catch (error) {
      if (!(error instanceof TreeChanged) || attempt === ATTEMPTS) throw error;
      context.emit({
        type: "warning",
        message: `${error.message}: taking the tree as it is now`,
        hint: null,
      });
      current = await takeAgain(current, filters, context);
      place = aboutAnother(session);
    }
  }
}

/** Takes a new snapshot. If no `stat` shows the change, the stat cache was wrong, and every file is read. */
async function takeAgain(
  before: HashedSnapshot,
  filters: SnapshotFilters,
  context: Context,
): Promise<HashedSnapshot> {
  await setTimeout(PAUSE_MS);
  if (context.signal.aborted) throw abortError(context.signal);
  const tree = await snapshot({ workspace: workspaceOf(before.snapshot), filters }, context);
  const now = await hash(tree, context);
  return now.contentHash === before.contentHash ? hash(tree, context, { cache: "renew" }) : now;
}

/** The session without the probe's answer about the first content hash; the host looks again for the new one. */
function aboutAnother(session: HostSession): HostSession {
  return { ...session, facts: { ...session.facts, snapshot: null } };
}
