import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../core/context.ts";
import { InfraError } from "../core/errors.ts";
import type { PikaciEvent } from "../core/events.ts";
import type { JobName } from "../core/ids.ts";
import type { JobResult } from "../core/job-result.ts";
import { quoted } from "../core/quoted.ts";
import type { JobRecord } from "../core/run-record.ts";
import { type Unpacked, unpackArtifacts } from "../publish/unpack.ts";
import { isLost } from "../remote/host-link.ts";
import type { Execution, JobFrame } from "./follow.ts";
import { ServiceLogs } from "./service-logs.ts";

/**
 * Fetches what a job left in `/artifacts`, whatever its verdict, and closes its channel; connects again when the
 * connection breaks. The host removes the artifacts only when it is told that they are stored. `judge` has the last word on
 * the result, once they are there.
 */
export async function collect(
  execution: Execution,
  jobDirectory: string,
  context: Context,
  judge: Judge = ({ result }) => result,
): Promise<JobRecord> {
  const directory = join(jobDirectory, "artifacts");
  const services = new ServiceLogs(execution.base.job, context.emit);
  const fetched = await fetchArtifacts(execution, directory, services);
  const { unpacked, refusal, keptUntil } = fetched;
  const { base, channel } = fetched.execution;
  await channel.write("done\n");
  channel.end();
  await channel.closed.catch(() => {});
  const leftOut = refusal === "" ? unpacked.leftOut : [refusal];
  const left = { job: base.job, artifacts: unpacked.entries, artifacts_left_out: leftOut };
  const result = judge({ result: execution.result, left });
  context.emit({ type: "job-finished", job: base.job, result });
  for (const [cache, { saved }] of Object.entries(result.caches ?? {}))
    if (saved === "failed") context.emit(notSaved(base.job, cache));
  if (leftOut.length > 0) context.emit(leftOutWarning(base.job, leftOut));
  if (keptUntil !== null)
    context.emit({ type: "job-kept", job: base.job, runId: result.run_id, until: keptUntil });
  return record({ ...fetched.execution, result }, { ...unpacked, leftOut }, keptUntil);
}

/** What has come over the connection that `execution` then has. */
interface Fetched {
  readonly execution: Execution;
  readonly unpacked: Unpacked;
  /** Why the host did not send the artifacts; empty when it did. */
  readonly refusal: string;
  /** Until when the host keeps what the job left; null when it does not. */
  readonly keptUntil: string | null;
}

async function fetchArtifacts(
  execution: Execution,
  directory: string,
  services: ServiceLogs,
  tries = 3,
): Promise<Fetched> {
  const { bytes, refusal, keptUntil } = artifactStream(execution.rest, services);
  const unpacked = await unpackArtifacts(bytes, directory, execution.artifactBytes).catch(
    (error: unknown) => {
      execution.channel.kill();
      if (isLost(error) && tries > 1) return error;
      throw error;
    },
  );
  if (!(unpacked instanceof InfraError))
    return { execution, unpacked, refusal: refusal(), keptUntil: keptUntil() };
  const again = await execution.again(unpacked);
  rmSync(directory, { recursive: true, force: true });
  services.again();
  return fetchArtifacts({ ...again, result: execution.result }, directory, services, tries - 1);
}

/** What a job left, and the guard's verdict; returns the verdict that counts. */
export type Judge = (ended: {
  readonly result: JobResult;
  readonly left: Pick<JobRecord, "job" | "artifacts" | "artifacts_left_out">;
}) => JobResult;

/** The archive, and once it has ended, why the host did not send it; empty when it did. */
function artifactStream(
  frames: AsyncIterator<JobFrame>,
  services: ServiceLogs,
): {
  bytes: AsyncIterable<Buffer>;
  refusal: () => string;
  /** Until when the host keeps what the job left. */
  keptUntil: () => string | null;
} {
  let refusal = "";
  let keptUntil: string | null = null;
  async function* bytes(): AsyncGenerator<Buffer> {
    for (;;) {
      const next = await frames.next();
      if (next.done) throw new InfraError("network", "the artifacts were cut off");
      if (next.value.type === "artifacts") yield next.value.body;
      if (next.value.type === "service-log") services.take(next.value.body);
      if (next.value.type === "kept") keptUntil = parseTime(next.value.body);
      if (next.value.type !== "end") continue;
      refusal = next.value.body.toString("utf8");
      return;
    }
  }
  return { bytes: bytes(), refusal: () => refusal, keptUntil: () => keptUntil };
}

/** Seconds since 1970. InfraError("host"). */
function parseTime(body: Buffer): string {
  const text = body.toString("utf8");
  if (/^\d{1,11}$/.test(text)) return new Date(Number(text) * 1000).toISOString();
  throw new InfraError("host", `the host does not say until when it keeps the job: ${quoted(text)}`, {
    hint: "run the command again; if it happens again, report it with this message",
  });
}

function notSaved(job: JobName, cache: string): PikaciEvent {
  return {
    type: "warning",
    message: `the cache ${cache} of ${job} could not be saved; what was saved before stays`,
    hint: "check the host's disk: `pikaci doctor` shows how much is free, `pikaci gc` frees some",
  };
}

function leftOutWarning(job: JobName, leftOut: readonly string[]): PikaciEvent {
  const more = leftOut.length > 1 ? ` and ${leftOut.length - 1} more` : "";
  const first = shortened(leftOut[0] ?? "");
  return { type: "warning", message: `artifacts of ${job} were not kept: ${first}${more}`, hint: null };
}

/** The record has it whole. */
function shortened(text: string): string {
  return text.length <= 250 ? text : `${text.slice(0, 100)}…${text.slice(-150)}`;
}

function record(
  { base, result, workspace, unenforced }: Execution,
  unpacked: Unpacked,
  keptUntil: string | null,
): JobRecord {
  return {
    ...base,
    state: "finished",
    result,
    workspace,
    ...(unenforced.length === 0 ? {} : { limits_unenforced: unenforced }),
    ...(keptUntil === null ? {} : { kept_until: keptUntil }),
    artifacts: unpacked.entries,
    artifacts_left_out: unpacked.leftOut,
  };
}
