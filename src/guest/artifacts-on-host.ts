import type { Context } from "../core/context.ts";
import type { RunId } from "../core/ids.ts";
import { ask } from "../remote/program.ts";
import type { HostSession } from "../remote/session.ts";

/** Which of these artifacts a host has; it keeps them until the run ends. No digests, no question. */
export async function artifactsOnHost(
  digests: readonly string[],
  runId: RunId,
  { connection, facts }: HostSession,
  context: Context,
): Promise<readonly string[]> {
  if (digests.length === 0) return [];
  const params = { work_dir: facts.workDir, run_id: runId, digests: [...new Set(digests)] };
  const frames = await ask(connection, { program: "artifacts", params }, context);
  return frames
    .filter(({ type }) => type === "have")
    .map(({ body }) => body.toString("utf8"))
    .filter((digest) => digests.includes(digest));
}
