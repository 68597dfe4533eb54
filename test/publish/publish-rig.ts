import type { Context } from "../../src/core/context.ts";
import { parseHostUrl } from "../../src/core/ids.ts";
import type { HostSpec } from "../../src/core/project.ts";
import type { HashedSnapshot, Published } from "../../src/core/snapshot.ts";
import { type PublishOptions, publish } from "../../src/publish/publish.ts";
import { connect } from "../../src/remote/connect.ts";
import { type HostSession, openSession } from "../../src/remote/session.ts";
import { newRunId } from "../../src/system/run-id.ts";
import { hash } from "../../src/tree/hash.ts";
import { snapshot } from "../../src/tree/snapshot.ts";

export function hostSpec(url: string, workDir: string | null, leaseMs = 6000): HostSpec {
  return { name: "host", url: parseHostUrl(url), workDir, leaseMs };
}

/** Files of any size: what is refused, other suites test. */
const filters = { include: [], exclude: [], maxFileSize: 2 ** 40 };

export async function hashTree(workspace: string, context: Context): Promise<HashedSnapshot> {
  return hash(await snapshot({ workspace, filters }, context), context);
}

/** A session of its own on a host, that asked for this snapshot; closed in the end. */
export async function withSession<T>(
  spec: HostSpec,
  hashed: HashedSnapshot,
  context: Context,
  use: (session: HostSession) => Promise<T>,
): Promise<T> {
  const connection = await connect(spec, context);
  try {
    const runId = newRunId(new Date());
    const questions = {
      runId,
      projectId: "test",
      contentHash: hashed.contentHash,
      runners: [],
      backends: [],
    };
    return await use(await openSession(connection, questions, context));
  } finally {
    await connection.close();
  }
}

/** Session and publication as a client does them. */
export function publishOnce(
  spec: HostSpec,
  hashed: HashedSnapshot,
  context: Context,
  options: Partial<PublishOptions> = {},
): Promise<Published> {
  return withSession(spec, hashed, context, (session) =>
    publish(hashed, session, { projectId: "test", repair: false, ...options }, context),
  );
}
