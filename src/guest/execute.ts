import type { Context } from "../core/context.ts";
import { InfraError } from "../core/errors.ts";
import type { HostUrl, RunId, StorePath } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { JobResult } from "../core/job-result.ts";
import type { Runner } from "../core/machine-shape.ts";
import type { Prepared } from "../core/prepared.ts";
import type { JobRecord } from "../core/run-record.ts";
import type { Published } from "../core/snapshot.ts";
import { storePathsOf } from "../nix/prepare.ts";
import { documentBytes } from "../remote/channel.ts";
import type { HostLink } from "../remote/host-link.ts";
import { chooseParts } from "../remote/machine-parts.ts";
import { startProgram } from "../remote/program.ts";
import type { ProgramChannel, ProgramParams } from "../remote/program-types.ts";
import { terminalProgram } from "../remote/programs.ts";
import type { HostSession } from "../remote/session.ts";
import { isDurable } from "../system/durable.ts";
import { type Execution, follow } from "./follow.ts";
import { cacheParams } from "./job-caches.ts";
import { type JobDocuments, jobDocuments, type MachineWords } from "./job-documents.ts";
import { hasSecrets, maskFile, secretsFile } from "./secrets.ts";
import { type GuestTerminal, shellDocuments } from "./shell-documents.ts";

export interface Launch {
  readonly runId: RunId;
  readonly job: JobSpec;
  readonly published: Published;
  readonly prepared: Prepared;
  readonly runner: Runner;
  readonly artifactBytes: number;
  /** Digests of what it finds below /needs, by its names there. */
  readonly needs: Readonly<Record<string, string>>;
  /** Whose caches its jobs have. */
  readonly projectId: string;
  /** What it leaves is kept on the host, where that can be, to be shared; absent: no. */
  readonly keeps?: boolean;
  /** A shell instead of the job's command: nothing of it is kept. */
  readonly terminal?: GuestTerminal;
  /** `<run>/jobs/<job>` of a job that failed and was kept: the guest gets what it left. */
  readonly enter?: string;
}

const bootMs = 120_000;
/** NixOS, where there may be no KVM. */
const nixosBootMs = 300_000;
const graceMs = 5_000;

/** Runs one job under the guard and follows it to its verdict; a failing job is no exception. */
export async function execute(launch: Launch, link: HostLink, context: Context): Promise<Execution> {
  const { job, runId, artifactBytes } = launch;
  const followed = {
    runId,
    job: job.name,
    artifactBytes,
    base: launched(launch),
    own: true,
    collect: true,
    offset: 0,
    phases: 0,
    workspace: null,
  };
  const first = () => openGuard(launch, link.session, context, "attached");
  const execution = await follow(followed, link, context, first);
  const fault = unaskedEnd(execution.result, context.signal, link.session.connection.host.url);
  if (fault === null) return execution;
  const result = { ...execution.result, status: "infra", message: `network: ${fault.message}` } as const;
  return { ...execution, result, fault };
}

/** Starts a detached job; returns once its command runs, or when it has ended before that. */
export async function launchDetached(
  launch: Launch,
  session: HostSession,
  context: Context,
): Promise<JobRecord> {
  const channel = await openGuard(launch, session, context, "detached");
  try {
    for await (const { type, body } of channel.frames())
      if (type === "phase" && /^(start|error)/.test(body.toString("utf8"))) break;
  } finally {
    channel.kill();
  }
  return launched(launch);
}

/** The job's part of the record once the guard has it. */
function launched({ job, runner, prepared, needs }: Launch): JobRecord {
  return {
    job: job.name,
    state: "running",
    result: null,
    runner: {
      backend: runner.shape.backend,
      content_hash: runner.contentHash,
      store_path: runner.storePath,
    },
    prepared: storePathsOf(prepared, job),
    ...(Object.keys(needs).length === 0 ? {} : { needs }),
    workspace: null,
    artifacts: [],
    artifacts_left_out: [],
  };
}

/** A job that the host ended for want of its client has no verdict when that client, which did not ask, reads this. */
export function unaskedEnd(
  result: JobResult,
  { aborted }: Pick<AbortSignal, "aborted">,
  url: HostUrl,
): InfraError | null {
  if (aborted || result.status !== "cancelled" || result.message === "cancelled by the client") return null;
  if (result.message === "the client went away")
    return new InfraError("network", `the connection to ${url} was lost, so the host ended the job`, {
      hint: "check the network and that the host is up, then run the command again",
    });
  return new InfraError("network", `${result.message}, so the host ended the run`, {
    hint: "run the command again; a longer `lease` of the host in the configuration lets the client be silent for longer",
  });
}

/** Starts a guest, which ends without its client unless it is detached; its frames follow. */
export async function openGuard(
  launch: Launch,
  session: HostSession,
  context: Context,
  as: "attached" | "detached",
): Promise<ProgramChannel<"guard">> {
  const { job } = launch;
  const detached = as === "detached";
  context.emit({ type: "job-phase", job: job.name, phase: "launching" });
  const prepared = storePathsOf(launch.prepared, job);
  const params = guardParams(launch, session, prepared);
  const documents = documentParams(documentsOf(launch, session, prepared));
  const channel = await startProgram(session.connection, {
    program: "guard",
    params: { ...params, ...documents, detached, durable: isDurable(context) },
    outlives: detached,
    onStderr: (line) => context.emit({ type: "host-log", job: job.name, line }),
  });
  if (!hasSecrets(job)) return channel;
  for (const text of [secretsFile(job, context.env), maskFile(job, context.env)])
    await channel.write(documentBytes(text));
  return channel;
}

function documentsOf(
  launch: Launch,
  session: HostSession,
  prepared: Readonly<Record<string, StorePath>>,
): JobDocuments {
  const { job, runId, terminal, needs } = launch;
  const documents = jobDocuments(runId, job, prepared, machineOf(launch, session), needs);
  return terminal === undefined ? documents : shellDocuments(documents, job, terminal, terminalProgram());
}

type DocumentParams = Pick<ProgramParams["guard"], "job_document" | "launch_document" | "command_document">;

function documentParams({ job, launch, command }: JobDocuments): DocumentParams {
  return { job_document: job, launch_document: launch, command_document: command };
}

function guardParams(
  { runId, job, published, runner, artifactBytes, needs, terminal, enter, projectId, keeps }: Launch,
  session: HostSession,
  prepared: Readonly<Record<string, StorePath>>,
): Omit<ProgramParams["guard"], "detached" | "durable" | keyof DocumentParams> {
  return {
    work_dir: session.facts.workDir,
    run_id: runId,
    project: JSON.stringify(projectId),
    job: job.name,
    content_hash: published.hashed.contentHash,
    runner: runner.storePath,
    prepared: Object.entries(prepared)
      .map(([name, path]) => `${name}=${path}\n`)
      .join(""),
    lease_ms: session.connection.host.leaseMs,
    boot_ms: runner.shape.backend === "microvm" ? nixosBootMs : bootMs,
    timeout_ms: job.timeoutMs,
    input: terminal !== undefined,
    secrets: hasSecrets(job),
    keep_s: Math.ceil((job.keepFailedMs ?? 0) / 1000),
    enter: enter ?? null,
    services: Object.keys(job.services ?? {}),
    silence_ms: job.silenceMs ?? 0,
    grace_ms: graceMs,
    retries: terminal === undefined ? (job.retries ?? 0) : 0,
    ...cacheParams(projectId, terminal === undefined ? job : { ...job, saveCaches: false }, runner.shape),
    artifact_bytes: artifactBytes,
    ...needParams(needs),
    ...(terminal === undefined ? handParams(job, keeps) : {}),
  };
}

function handParams(job: JobSpec, keeps = false): Pick<ProgramParams["guard"], "hands_on" | "handing"> {
  if (job.handsOn === true) return { hands_on: handsOn(job) };
  return keeps ? { hands_on: handsOn(job), handing: "may" } : {};
}

function needParams(needs: Launch["needs"]): Pick<ProgramParams["guard"], "needs"> {
  const lines = Object.entries(needs).map(([name, digest]) => `${name}=${digest}`);
  return lines.length === 0 ? {} : { needs: lines.join("\n") };
}

/** A job with the host's network can give another an open file of its artifacts, which that could write later. */
function handsOn({ network }: JobSpec): "link" | "copy" {
  return network === "host" ? "copy" : "link";
}

/** What the host has for a machine was checked when the session was opened. */
function machineOf({ runner, job }: Launch, { facts }: HostSession): MachineWords | null {
  if (facts.machine === null) return null;
  if (runner.shape.backend === "microvm") return { accel: facts.machine.kvm ? "kvm" : "tcg" };
  if (runner.shape.backend !== "minivm") return null;
  const choice = chooseParts(facts.machine, job.network);
  return choice.ok ? choice.parts : null;
}
