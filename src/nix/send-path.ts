import type { Context } from "../core/context.ts";
import { publishTree } from "../publish/publish.ts";
import type { HostSession } from "../remote/session.ts";
import { pathMemory, rememberSent, sentBefore, sentFrom } from "./client-path-memory.ts";
import type { ClientPath } from "./client-paths.ts";

/** No project is called so: what lies there for hosts' stores is no snapshot of a workspace to start from. */
const PROJECT = ":client-paths";

/**
 * Publishes a client path as a snapshot is published: of its files only those that the one sent before lacks. The host
 * adds it to its store from there (src/host/prepare.sh). Throws what `publish` throws.
 */
export async function sendPath(
  { hashed: { realPath, hashed } }: ClientPath,
  session: HostSession,
  context: Context,
): Promise<void> {
  const place = sentFrom(session.connection.host, realPath);
  // The probe spoke of the workspace's snapshots. A tree that is there already is looked through before it is used.
  const facts = { ...session.facts, snapshot: null, snapshots: sentBefore(place, context) };
  const within = { ...context, memory: pathMemory(context.memory) };
  await publishTree(hashed, { ...session, facts }, { projectId: PROJECT, repair: true }, within);
  rememberSent(place, hashed.contentHash, context);
}
