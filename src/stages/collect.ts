import { join } from "node:path";
import type { Context } from "../context.ts";
import { InfraError } from "../errors.ts";
import type { PikaciEvent } from "../events.ts";
import type { JobName } from "../ids.ts";
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
  const { bytes, refusal } = artifactStream(execution.rest);
  const unpacked = await unpackArtifacts(bytes, join(jobDirectory, "artifacts"));
  channel.end();
  await channel.closed;
  context.emit({ type: "job-finished", job: launch.job.name, result });
  const leftOut = refusal() === "" ? unpacked.leftOut : [refusal()];
  if (leftOut.length > 0) context.emit(leftOutWarning(launch.job.name, leftOut));
  return record(execution, { ...unpacked, leftOut });
}

/** The archive, and once it has ended, why the host did not send it; empty when it did. */
function artifactStream(frames: AsyncIterator<Frame>): {
  bytes: AsyncIterable<Buffer>;
  refusal: () => string;
} {
  let refusal = "";
  async function* bytes(): AsyncGenerator<Buffer> {
    for (;;) {
      const next = await frames.next();
      if (next.done) throw new InfraError("network", "the artifacts were cut off");
      if (next.value.type === "artifacts") yield next.value.body;
      if (next.value.type !== "end") continue;
      refusal = next.value.body.toString("utf8");
      return;
    }
  }
  return { bytes: bytes(), refusal: () => refusal };
}

function leftOutWarning(job: JobName, leftOut: readonly string[]): PikaciEvent {
  const more = leftOut.length > 1 ? ` and ${leftOut.length - 1} more` : "";
  return { type: "warning", message: `artifacts of ${job} were not kept: ${leftOut[0]}${more}`, hint: null };
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
