import { setTimeout as sleep } from "node:timers/promises";
import { loadProjectOrBare } from "../config/bare.ts";
import { recordedHost } from "../config/recorded-host.ts";
import type { Context } from "../core/context.ts";
import { abortError, InfraError } from "../core/errors.ts";
import type { JobName } from "../core/ids.ts";
import type { RunRecord } from "../core/run-record.ts";
import { isMeantBy } from "../core/shards.ts";
import { cancelOnHost } from "../guest/jobs-on-host.ts";
import { openPlainSession } from "../remote/host-link.ts";
import { openOwnRun } from "../runs/own-run.ts";
import { liveness } from "../system/process-identity.ts";
import { attachRun, isOpen, noSuchJob } from "./attach.ts";

interface CancelRequest {
  readonly run: string;
  /** Only this job, or all instances of it; null: all of the run. */
  readonly job: string | null;
  readonly config: string | null;
}

/** The run's record as it is now, and what was ended. */
export interface Cancelled {
  readonly record: RunRecord;
  /** Jobs of which nothing is left on the host. */
  readonly ended: readonly JobName[];
}

/** How long a client has to clean up. */
const CLIENT_MS = 60_000;

/** Ends a run or one of its jobs, and returns when nothing of it is left on the host. UsageError, InfraError. */
export async function cancelRun(request: CancelRequest, context: Context): Promise<Cancelled> {
  const { record } = openOwnRun(context, request.run);
  const { job } = request;
  const asked = job === null ? [] : record.jobs.map((one) => one.job).filter((one) => isMeantBy(one, job));
  if (job !== null && asked.length === 0) throw noSuchJob(record, job);
  if (record.state === "running" && job === null && liveness(record.client) === "alive")
    return throughClient(record, context);
  if (record.state === "finished" && !isOpen(record)) return { record, ended: [] };
  const project = await loadProjectOrBare(context.workspace, request.config, context);
  const session = await openPlainSession(
    { host: recordedHost(project, record), runId: record.run_id, as: "observer" },
    context,
  );
  const ended = await cancelOnHost(record.run_id, asked, session, context).finally(() =>
    session.connection.close(),
  );
  const names = ended.map((one) => one.job);
  if (!isOpen(record)) return { record, ended: names };
  const attach = { run: record.run_id, host: null, config: request.config, wait: false };
  return { record: await attachRun(attach, context), ended: names };
}

/** The client of the run cancels it as on Ctrl-C; its record is finished when nothing is left. */
async function throughClient({ run_id, client }: RunRecord, context: Context): Promise<Cancelled> {
  process.kill(client.pid, "SIGINT");
  for (const end = performance.now() + CLIENT_MS; performance.now() < end; ) {
    if (context.signal.aborted) throw abortError(context.signal);
    const { record } = openOwnRun(context, run_id);
    if (record.state === "finished") return { record, ended: record.jobs.map(({ job }) => job) };
    await sleep(100);
  }
  throw new InfraError(
    "client",
    `the client of run ${run_id} (process ${client.pid}) did not end it in time`,
    {
      hint: `\`pikaci status ${run_id}\` shows how far it is; \`kill -9 ${client.pid}\` ends it, and the host what it left`,
    },
  );
}
