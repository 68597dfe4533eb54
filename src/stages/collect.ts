import { join } from "node:path";
import type { Context } from "../context.ts";
import { InfraError } from "../errors.ts";
import { type Unpacked, unpackArtifacts } from "../io/artifacts.ts";
import type { Frame } from "../io/connection.ts";
import type { JobRecord } from "../model.ts";
import type { Execution } from "./execute.ts";
import { storePathsOf } from "./prepare.ts";

/** Fetches what a job left in `/artifacts`, whatever its verdict, and closes its channel. */
export async function collect(
  execution: Execution,
  jobDirectory: string,
  context: Context,
): Promise<JobRecord> {
  const { launch, result, channel } = execution;
  const unpacked = await unpackArtifacts(artifactBytes(execution.rest), join(jobDirectory, "artifacts"));
  channel.end();
  await channel.closed;
  context.emit({ type: "job-finished", job: launch.job.name, result });
  return record(execution, unpacked);
}

async function* artifactBytes(frames: AsyncIterator<Frame>): AsyncGenerator<Buffer> {
  for (;;) {
    const next = await frames.next();
    if (next.done) throw new InfraError("network", "the artifacts were cut off");
    if (next.value.type === "end") return;
    if (next.value.type === "artifacts") yield next.value.body;
  }
}

function record({ launch, result, workspace }: Execution, unpacked: Unpacked): JobRecord {
  const { runner, prepared, job } = launch;
  return {
    job: job.name,
    state: "finished",
    result,
    runner: {
      backend: runner.shape.backend,
      content_hash: runner.contentHash,
      store_path: runner.storePath,
    },
    prepared: storePathsOf(prepared, job),
    workspace,
    artifacts: unpacked.entries,
    artifacts_left_out: unpacked.leftOut,
  };
}
