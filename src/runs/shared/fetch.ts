import type { Context } from "../../core/context.ts";
import { InfraError } from "../../core/errors.ts";
import type { RunId } from "../../core/ids.ts";
import { unpackArtifacts } from "../../publish/unpack.ts";
import type { Frame } from "../../remote/connection.ts";
import { converse } from "../../remote/program.ts";
import type { HostSession } from "../../remote/session.ts";

/** Artifacts to fetch: what the host keeps them as, and the new directory that they are unpacked into. */
interface Wanted {
  readonly digest: string;
  readonly directory: string;
}

/** An archive of these many bytes at most, and sparse files of this length together. */
interface Limits {
  readonly bytes: number;
}

/**
 * Fetches artifacts from a host in one remote command, without looking at what they are; those that are gone are left out.
 * InfraError; SnapshotRefused for an archive that leads out of its directory.
 */
export async function fetchArtifacts(
  wanted: readonly Wanted[],
  runId: RunId,
  { bytes: most }: Limits,
  { connection, facts }: HostSession,
  context: Context,
): Promise<void> {
  if (wanted.length === 0) return;
  const params = { work_dir: facts.workDir, run_id: runId, digests: wanted.map(({ digest }) => digest) };
  await converse(connection, { program: "artifacts-out", params }, context, async (channel) => {
    const frames = channel.frames()[Symbol.asyncIterator]();
    for (const { digest, directory } of wanted) {
      const { type, body } = await next(frames);
      if (body.toString("latin1") !== digest) throw strange(type);
      if (type === "missing") continue;
      if (type !== "begin") throw strange(type);
      await unpackArtifacts(partsOf(frames), directory, most);
    }
    const last = await next(frames);
    if (last.type !== "end") throw strange(last.type);
    await frames.next();
    return true;
  });
}

async function* partsOf(frames: AsyncIterator<Frame>): AsyncGenerator<Buffer> {
  for (;;) {
    const { type, body } = await next(frames);
    if (type === "whole") return;
    if (type !== "part") throw strange(type);
    yield body;
  }
}

async function next(frames: AsyncIterator<Frame>): Promise<Frame> {
  const { done, value } = await frames.next();
  if (done === true) throw new InfraError("network", "artifacts of shared verdicts were cut off");
  return value;
}

function strange(type: string): InfraError {
  return new InfraError("host", `the host sent \`${type}\` in the middle of artifacts`);
}
