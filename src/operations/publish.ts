import type { Context } from "../core/context.ts";
import type { HostSpec, Project } from "../core/project.ts";
import type { Published } from "../core/snapshot.ts";
import type { PublishOptions } from "../publish/publish.ts";
import { publishSettled } from "../publish/settled.ts";
import { connect } from "../remote/connect.ts";
import { openSession } from "../remote/session.ts";
import { newRunId } from "../system/run-id.ts";
import { hash } from "../tree/hash.ts";
import { snapshot } from "../tree/snapshot.ts";

/** Snapshot, hash and publish, and nothing else: what a run would do before it prepares. */
export async function publishWorkspace(
  project: Project,
  host: HostSpec,
  care: Pick<PublishOptions, "repair" | "verify">,
  context: Context,
): Promise<Published> {
  const connecting = connect(host, context);
  connecting.catch(() => {});
  try {
    const tree = await snapshot({ workspace: project.workspace, filters: project.filters }, context);
    const hashed = await hash(tree, context);
    const session = await openSession(
      await connecting,
      questions(project, hashed.contentHash, context),
      context,
    );
    const options = { projectId: project.id, ...care, filters: project.filters };
    return await publishSettled(hashed, session, options, context);
  } finally {
    await connecting.then((connection) => connection.close()).catch(() => {});
  }
}

function questions(project: Project, contentHash: Published["hashed"]["contentHash"], context: Context) {
  const runId = newRunId(context.clock());
  const { unfetchedMs } = project.limits;
  return { runId, projectId: project.id, unfetchedMs, contentHash, runners: [], backends: [] };
}
