import { resolve } from "node:path";
import type { Context } from "./core/context.ts";
import { abortError, UsageError } from "./core/errors.ts";
import type { MachineShape } from "./core/machine-shape.ts";
import type { Plan } from "./core/plan.ts";
import type { RunRecord } from "./core/run-record.ts";
import type { HashedSnapshot, Published } from "./core/snapshot.ts";
import type { RunnerFlake } from "./guest/runner-flake.ts";
import type { Cancelled } from "./operations/cancel.ts";
import type { Examined } from "./operations/doctor/examine.ts";
import { EventQueue, type TimedEvent } from "./operations/event-queue.ts";
import type { Account } from "./operations/gc/collect.ts";
import type {
  AttachOptions,
  CancelOptions,
  DoctorOptions,
  GcOptions,
  PlaceOptions,
  PlanOptions,
  PublishOptions,
  ReportOptions,
  RerunOptions,
  RunOptions,
  SnapshotOptions,
} from "./operations/library-options.ts";
import type { RunRequest } from "./operations/run.ts";
import type { Reporter } from "./report/reporter.ts";

export { defineConfig } from "./config/define.ts";
export type { ConfigInput } from "./config/load.ts";
export * from "./core/errors.ts";
export type { PikaciEvent, StageName } from "./core/events.ts";
export type * from "./core/ids.ts";
export type * from "./core/job.ts";
export type * from "./core/job-result.ts";
export type * from "./core/machine-shape.ts";
export type * from "./core/plan.ts";
export type * from "./core/prepared.ts";
export type * from "./core/project.ts";
export type * from "./core/run-record.ts";
export type * from "./core/snapshot.ts";
export type { RunnerFlake } from "./guest/runner-flake.ts";
export type { Cancelled } from "./operations/cancel.ts";
export type { Examined } from "./operations/doctor/examine.ts";
export type { Finding } from "./operations/doctor/findings.ts";
export type { TimedEvent } from "./operations/event-queue.ts";
export type { Account } from "./operations/gc/collect.ts";
export type * from "./operations/library-options.ts";

/** A run under way: iterate over its events (once, or not at all), await its `result`. */
export interface Run extends AsyncIterable<TimedEvent> {
  /**
   * The final record, whatever the verdict, also when an error ended the run (`record.error`) or an abort did (status
   * `cancelled`). Rejects when there is no run: UsageError, ConfigError, InfraError when no record or JUnit file can be written,
   * CancelledError when the run was aborted before it had a record.
   */
  readonly result: Promise<RunRecord>;
}

/** Starts a run of the workspace as it is now. `Run.result` resolves to the record, with verdict and error. */
export function run(options: RunOptions = {}): Run {
  return started(options, async (context) => {
    const [{ executeRun }, { parseDuration }] = await Promise.all([
      import("./operations/run.ts"),
      import("./config/duration.ts"),
    ]);
    return executeRun(runRequestOf(options, parseDuration), context);
  });
}

/**
 * Runs the exact snapshot of an earlier run again. `result` also rejects with UsageError when the run or a job of it does not
 * exist, and with TrustError when this account did not record the run.
 */
export function rerun(options: RerunOptions = {}): Run {
  return started(options, async (context) => {
    const operation = await import("./operations/rerun.ts");
    const {
      run: earlier = "latest",
      failed = false,
      on = null,
      detach = false,
      failOnFlaky = false,
    } = options;
    const request = {
      run: earlier,
      failedOnly: failed,
      host: on,
      config: configOf(options),
      detach,
      failOnFlaky,
    };
    return operation.rerun(request, context);
  });
}

/**
 * Follows a run that goes on without a client, and fetches its results. For a finished run it only returns the record. An abort
 * leaves the run running and rejects with CancelledError; UsageError, ConfigError and InfraError as for `run`.
 */
export function attach(options: AttachOptions = {}): Run {
  return started(options, async (context) => {
    const { attachRun } = await import("./operations/attach.ts");
    const { run: earlier = "latest", on = null, wait = true, failOnFlaky = false } = options;
    return attachRun({ run: earlier, host: on, config: configOf(options), wait, failOnFlaky }, context);
  });
}

/** Ends a run or one of its jobs, and resolves when nothing of it is left on the host. UsageError, ConfigError, InfraError. */
export async function cancel(options: CancelOptions): Promise<Cancelled> {
  return inContext(options, ignore, async (context) => {
    const { cancelRun } = await import("./operations/cancel.ts");
    return cancelRun({ run: options.run, job: options.job ?? null, config: configOf(options) }, context);
  });
}

/**
 * Looks for what would make a run fail, here and on hosts; a host that cannot be reached is a finding. UsageError, ConfigError.
 */
export async function doctor(options: DoctorOptions = {}): Promise<Examined[]> {
  return inContext(options, ignore, async (context) => {
    const { examine } = await import("./operations/doctor/examine.ts");
    const { on: hosts = [], adopt = false } = options;
    return examine({ hosts, adopt, config: configOf(options) }, context);
  });
}

/** Removes what is no longer needed, here and on hosts; where that fails, the account has an `error`. UsageError, ConfigError. */
export async function gc(options: GcOptions = {}): Promise<Account[]> {
  return inContext(options, ignore, async (context) => {
    const { collectGarbage } = await import("./operations/gc/collect.ts");
    const { on: hosts = [], dryRun = false, keepLast = 20, keepFailed = 10, maxBytes = null } = options;
    const policy = { keepLast, keepFailed, maxAgeMs: options.maxAgeMs ?? FORTNIGHT_MS, maxBytes };
    return collectGarbage({ hosts, dryRun, policy, config: configOf(options) }, context);
  });
}

const FORTNIGHT_MS = 14 * 86_400_000;

/** What `run` would do. ConfigError, UsageError. */
export async function plan(options: PlanOptions = {}): Promise<Plan> {
  return inContext(options, ignore, async (context) => {
    const { resolveRun } = await import("./operations/run.ts");
    return (await resolveRun(requestOf(options), context)).plan;
  });
}

/** The workspace's files and their content hash; needs no configuration. SnapshotRefused; ConfigError for a wrong configuration. */
export async function snapshot(options: SnapshotOptions = {}): Promise<HashedSnapshot> {
  return inContext(options, options.onEvent ?? ignore, async (context) => {
    const [stages, hashing] = await Promise.all([import("./tree/snapshot.ts"), import("./tree/hash.ts")]);
    const { workspace, filters } = await projectOf(options, context);
    return hashing.hash(await stages.snapshot({ workspace, filters }, context), context);
  });
}

/**
 * Puts the workspace on a host without running anything; needs no configuration. UsageError, ConfigError, SnapshotRefused,
 * TrustError, InfraError; without `repair`, MismatchError when the snapshot on the host is damaged.
 */
export async function publish(options: PublishOptions = {}): Promise<Published> {
  return inContext(options, options.onEvent ?? ignore, async (context) => {
    const [{ publishWorkspace }, { selectHost }] = await Promise.all([
      import("./operations/publish.ts"),
      import("./config/host.ts"),
    ]);
    const project = await projectOf(options, context);
    const care = { repair: options.repair ?? false, verify: options.verify ?? false };
    const host = await selectHost(project, options.on ?? null, context);
    return publishWorkspace(project, host, care, context);
  });
}

/** The runner flake of a machine shape: one shape has one flake, byte for byte. ConfigError for a lock that cannot be used. */
export async function renderRunner(shape: MachineShape): Promise<RunnerFlake> {
  const flakes = await import("./guest/runner-flake.ts");
  return flakes.renderRunner(shape);
}

const ignore: Context["emit"] = () => {};

/** An operation whose events can be read while it runs. */
function started(
  options: PlaceOptions & ReportOptions,
  operation: (context: Context) => Promise<RunRecord>,
): Run {
  const events = new EventQueue();
  const result = reported(options, events, operation).finally(() => events.close());
  result.catch(() => {});
  return { result, [Symbol.asyncIterator]: () => events.read() };
}

async function reported(
  options: PlaceOptions & ReportOptions,
  events: EventQueue,
  operation: (context: Context) => Promise<RunRecord>,
): Promise<RunRecord> {
  const file = await junitReporterOf(options);
  const emit: Context["emit"] = (event) => {
    file?.emit(event);
    events.push(event);
  };
  const close = () => file?.close() ?? [];
  const record = await inContext(options, emit, operation).catch((error: unknown) => {
    close();
    throw error;
  });
  const [failure] = close();
  if (failure !== undefined) throw failure;
  return record;
}

async function junitReporterOf(options: PlaceOptions & ReportOptions): Promise<Reporter | null> {
  const path = junitOf(options);
  if (path === null) return null;
  const [{ junitReporter }, { OutputFile }] = await Promise.all([
    import("./report/junit/reporter.ts"),
    import("./system/output-file.ts"),
  ]);
  return junitReporter(new OutputFile(path, "junit"), options.env ?? process.env);
}

/** Errors after an abort become the abort's own error. */
async function inContext<T>(
  options: PlaceOptions,
  emit: Context["emit"],
  operation: (context: Context) => Promise<T>,
): Promise<T> {
  const { signal } = options;
  try {
    if (signal?.aborted === true) throw abortError(signal);
    return await operation(await contextOf(options, emit));
  } catch (error) {
    throw signal?.aborted === true ? abortError(signal) : error;
  }
}

async function contextOf(options: PlaceOptions, emit: Context["emit"]): Promise<Context> {
  const [{ findWorkspace }, { contextIn, openPlace }] = await Promise.all([
    import("./config/config-file.ts"),
    import("./runs/place.ts"),
  ]);
  const workspace = options.cwd === undefined ? findWorkspace(process.cwd()) : resolve(options.cwd);
  const { signal = new AbortController().signal, env = process.env } = options;
  const author = options.untrusted === true ? "stranger" : "trusted";
  return contextIn(await openPlace(workspace, { env, signal }), { env, signal, author }, emit);
}

async function projectOf(options: PlaceOptions, context: Context) {
  const { loadProjectOrBare } = await import("./config/bare.ts");
  return loadProjectOrBare(context.workspace, configOf(options), context);
}

function requestOf(options: PlanOptions): RunRequest {
  return {
    config: configOf(options),
    target: options.target ?? null,
    jobs: options.jobs ?? [],
    host: options.on ?? null,
    base: options.base ?? null,
    force: options.force ?? false,
    repair: false,
    verify: false,
  };
}

function runRequestOf(
  options: RunOptions,
  parseDuration: (value: string | number) => number | null,
): RunRequest {
  const { repair = false, verify = false, failed = false, detach = false } = options;
  const { noCache = false, keepFailed, jobs = [], failOnFlaky = false } = options;
  if (failed && jobs.length > 0) throw new UsageError("`failed` and `jobs` exclude each other");
  const junit = junitOf(options);
  const keepFailedMs = keepFailed === undefined ? undefined : parseDuration(keepFailed);
  if (keepFailedMs === null)
    throw new UsageError(`keepFailed: cannot read ${JSON.stringify(keepFailed)}`, {
      hint: 'milliseconds, or as in "90s", "30m", "2h"; at most 24d',
    });
  return {
    ...requestOf(options),
    repair,
    verify,
    failedOnly: failed,
    failOnFlaky,
    detach,
    ...(noCache ? { cache: "off" } : {}),
    ...(keepFailedMs === undefined ? {} : { keepFailedMs }),
    ownFiles: junit === null ? [] : [junit],
  };
}

function junitOf({ cwd, junit }: PlaceOptions & ReportOptions): string | null {
  return junit === undefined ? null : resolve(cwd ?? ".", junit);
}

function configOf({ cwd, config }: PlaceOptions): string | null {
  return config === undefined ? null : resolve(cwd ?? ".", config);
}
