import type { Context } from "../core/context.ts";
import { abortError, InfraError, PikaciError } from "../core/errors.ts";
import type { Emit, PikaciEvent } from "../core/events.ts";
import type { JobName, RunId } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { JobResult } from "../core/job-result.ts";
import type { Plan } from "../core/plan.ts";
import type { JobRecord, RunRecord } from "../core/run-record.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { HashedSnapshot, Published } from "../core/snapshot.ts";
import type { StoredKey } from "../core/verdict.ts";
import {
  AppendFiles,
  makeDirectory,
  removeFile,
  removeTree,
  type WriteOptions,
  writeBytes,
  writeJson,
  writeOnce,
} from "../system/client-files.ts";
import { isDurable } from "../system/durable.ts";
import { thisProcess } from "../system/process-identity.ts";
import type { TreeDigests } from "../tree/tree-digests.ts";
import { jobFile, runDirectory, runFile } from "./layout.ts";
import { eventLine, LogLines } from "./lines.ts";
import { Mask } from "./mask.ts";
import { MaskedEvents } from "./masked-events.ts";
import { PacedWrites } from "./paced-writes.ts";
import { type PreparedWithRecords, preparedOutline } from "./prepared-outline.ts";
import type { RecordStart } from "./record-start.ts";
import { RunDigests } from "./run-digests.ts";
import { sealedRecord } from "./sealed-record.ts";
import { type SecretJob, secretValues, secretWarnings } from "./secrets.ts";
import { readKey } from "./stored-key.ts";
import { failed, finished, newRecord, pendingJob, plannedJob, withJob, withSnapshot } from "./transitions.ts";
import type { OnFlaky } from "./verdict.ts";

/** A record with some hundred artifacts. */
const RESERVE_BYTES = 64 * 1024;

/** A run's record on disk, final after `finish`. Events go through `emit` to the files, then to `context.emit`. */
export class Recorder {
  readonly runId: RunId;
  readonly directory: string;
  readonly emit: Emit;
  readonly #context: Context;
  readonly #files = new AppendFiles();
  readonly #writes = new PacedWrites(() => this.#guarded(() => this.#writeRecord()));
  readonly #lines = new LogLines();
  readonly #onFailure: (error: InfraError) => void;
  readonly #onFlaky: OnFlaky;
  #mask = new Mask([]);
  #events: MaskedEvents;
  #record: RunRecord;
  readonly #digests: RunDigests;
  #failure: InfraError | null = null;
  #jobError: unknown = null;

  /** Makes the directory and a `running` record. InfraError("client") when it cannot be written. */
  constructor(start: RecordStart, context: Context) {
    this.runId = start.runId;
    this.#context = context;
    this.#onFailure = start.onFailure;
    this.#onFlaky = start.failOnFlaky === true ? "fail" : "pass";
    this.directory = runDirectory(context.stateDir, start.runId);
    this.#record = start.earlier ?? newRecord({ ...start, now: context.clock(), client: thisProcess() });
    this.#digests = new RunDigests(this.directory, start.digests ?? {});
    makeDirectory(this.directory);
    writeBytes(runFile.reserve(this.directory), Buffer.alloc(RESERVE_BYTES));
    writeOnce(`${context.stateDir}/.gitignore`, "*\n");
    this.#writeRecord();
    this.#events = this.#maskedEvents();
    this.emit = (event) => this.#events.emit(event);
  }

  /** From now on, masks the values that these jobs' secrets have in the client's environment, in all that is kept and shown. */
  maskSecrets(jobs: readonly SecretJob[]): void {
    const { env } = this.#context;
    this.#mask = new Mask(secretValues(jobs, env));
    this.#events = this.#maskedEvents();
    for (const warning of secretWarnings(jobs, env)) this.emit(warning);
  }

  #maskedEvents(): MaskedEvents {
    return new MaskedEvents(this.#mask, (event) => {
      this.#store(event);
      this.#context.emit(event);
    });
  }

  /** Records an event that was shown before the record existed. */
  keep(event: PikaciEvent): void {
    this.#store(event);
  }

  get record(): RunRecord {
    return this.#record;
  }

  /** `jobs/<job>` of this run; exists from `begin` on. */
  jobDirectory(job: JobName): string {
    return runFile.job(this.directory, job);
  }

  /** Call it once the plan is known. Jobs in `plan.skipped` are finished at once. */
  begin(plan: Plan, jobs: readonly JobSpec[]): void {
    const skipped = new Map(plan.skipped.map(({ job, reason }) => [job, reason]));
    const names = [...jobs.map((job) => job.name), ...skipped.keys()];
    const [{ project_id, target, host }, at] = [plan, this.#context.clock()];
    const planned = (name: JobName) => plannedJob(name, this.runId, skipped.get(name) ?? null, at);
    for (const name of names) makeDirectory(this.jobDirectory(name));
    this.maskSecrets(jobs);
    for (const job of jobs) this.#writeSpec(job);
    this.#digests.write(runFile.plan(this.directory), this.#mask.document(plan));
    this.#update({ ...this.#record, project_id, target, host, jobs: [...new Set(names)].map(planned) });
    this.#guarded(() => this.#writeRecord());
    this.emit({ type: "run-started", runId: this.runId, target, host, jobs: jobs.map((job) => job.name) });
    for (const [job, reason] of skipped) this.emit({ type: "job-skipped", job, reason });
  }

  /** Records what became of shards once it is known which files are theirs. */
  respecified(jobs: readonly JobSpec[]): void {
    for (const job of jobs) if (job.shard?.files !== undefined) this.#writeSpec(job);
  }

  #writeSpec(job: JobSpec): void {
    const spec = this.#mask.document({ schema_version: SCHEMA_VERSION, ...job });
    this.#digests.write(jobFile.spec(this.jobDirectory(job.name)), spec);
  }

  /** Stores what a job's verdict depends on, to be used when the job ends, also by `attach`. */
  key(job: JobName, key: StoredKey): void {
    this.#digests.write(jobFile.key(this.jobDirectory(job)), { schema_version: SCHEMA_VERSION, ...key });
    // A key that the record on disk does not know would be a stranger's.
    this.#writes.changedAtOnce();
  }

  /** The key that was stored for a job; null when its verdict must not be remembered. */
  storedKey(job: JobName): StoredKey | null {
    const path = jobFile.key(this.jobDirectory(job));
    return this.#digests.has(path) ? readKey(path) : null;
  }

  /** Digests of a job's artifacts, by path below them. */
  artifactDigests(job: JobName): TreeDigests {
    return this.#digests.artifactsOf(job);
  }

  #writeRecord(options: WriteOptions = {}): void {
    this.#writes.stop();
    if (options.durable) this.#digests.toDisk(this.#context.stateDir);
    const sealed = sealedRecord(this.#context.memory, this.#record, this.#digests.all);
    writeJson(runFile.record(this.directory), sealed, options);
  }

  hashed(hashed: HashedSnapshot): void {
    this.#update(withSnapshot(this.#record, hashed, null));
  }

  published(published: Published): void {
    this.#update(withSnapshot(this.#record, published.hashed, published));
  }

  /** Records the published tree with the repository for jobs with `git: true`; `key` is its part of their keys. */
  gitPublished({ hashed }: Published, key: string): void {
    const { snapshot } = this.#record;
    if (snapshot === null) throw new Error("a repository was published before the tree");
    const git = { content_hash: hashed.contentHash, key };
    this.#update({ ...this.#record, snapshot: { ...snapshot, git } });
  }

  prepared(prepared: PreparedWithRecords): void {
    const document = this.#mask.document(preparedOutline(prepared));
    this.#guarded(() => this.#digests.write(runFile.preparedOutputs(this.directory), document));
  }

  /** Records a job's final part, as `collect` returns it. */
  job(job: JobRecord): void {
    if (job.result !== null) this.#keepResult(job, job.result);
    this.#update(withJob(this.#record, job.job, () => job));
  }

  #keepResult({ job }: JobRecord, result: JobResult): void {
    const document = this.#mask.document(result);
    this.#guarded(() => this.#digests.write(jobFile.result(this.jobDirectory(job)), document));
    const error = this.#digests.takeArtifacts(job);
    if (error === null) return;
    const message = `the artifacts of ${job} could not be read again: ${error.message}`;
    this.emit({ type: "warning", message, hint: error.hint ?? null });
  }

  /** Notes an error that left a job without a verdict; the first one becomes the run's error. */
  noteJobError(error: unknown): void {
    this.#jobError ??= error;
  }

  /** Records that a job ended with an error of its own, while others go on. */
  jobFailed(job: JobName, error: unknown): void {
    this.noteJobError(error);
    this.#noteFault(error, job);
    const old = this.#record.jobs.find((candidate) => candidate.job === job) ?? pendingJob(job);
    const closed = failed({ ...this.#record, jobs: [old] }, error, this.#context.clock()).jobs;
    for (const record of closed) this.job(record);
  }

  hasRunning(): boolean {
    return this.#record.jobs.some((job) => job.result === null);
  }

  /** Leaves the run to the host; `attach` finishes its record. */
  detach(): RunRecord {
    this.#record = this.#mask.document({ ...this.#record, state: "detached" as const });
    this.#guarded(() => this.#writeRecord({ durable: isDurable(this.#context) }));
    if (this.#failure !== null) return this.finish(this.#failure);
    this.#events.end();
    this.emit({ type: "run-finished", record: this.#record, directory: this.directory });
    removeFile(runFile.reserve(this.directory));
    this.#files.close();
    return this.#record;
  }

  /** Writes the final record, however the run ended: `error` is what ended it, null when all stages are done. */
  finish(error: unknown): RunRecord {
    const now = this.#context.clock();
    const reason = this.#failure ?? error;
    this.#noteFault(reason, null);
    const { signal } = this.#context;
    const cancelCode = signal.aborted ? abortError(signal).exitCode : 130;
    this.#record = this.#mask.document(
      reason === null
        ? finished(this.#record, cancelCode, now, this.#jobError, this.#onFlaky)
        : failed(this.#record, reason, now),
    );
    this.#events.end();
    this.#digests.takeLogs(this.#record.jobs.map(({ job }) => job));
    try {
      removeFile(runFile.reserve(this.directory));
      this.#writeRecord({ durable: isDurable(this.#context) });
    } catch (failure) {
      if (!(failure instanceof InfraError)) throw failure;
      this.#failure ??= failure;
      this.#record = failed(this.#record, this.#failure, now);
    }
    this.emit({ type: "run-finished", record: this.#record, directory: this.directory });
    this.#files.close();
    return this.#record;
  }

  /** Removes the record and its files: the run was refused. InfraError("client"). */
  withdraw(): void {
    this.#writes.stop();
    this.#files.close();
    removeTree(this.directory);
  }

  /** Why the record could not be written; the run has then failed, whatever its jobs' verdicts are. */
  get failure(): InfraError | null {
    return this.#failure;
  }

  /** Keeps the stack of an unexpected error, for the bug report that its hint asks for. */
  #noteFault(error: unknown, job: JobName | null): void {
    if (error instanceof Error && !(error instanceof PikaciError))
      this.emit({ type: "host-log", job, line: error.stack ?? error.message });
  }

  #store(event: PikaciEvent): void {
    if (event.type === "job-phase") this.#running(event.job);
    this.#guarded(() => {
      const log = this.#lines.of(event, this.directory);
      if (event.type === "service-log") makeDirectory(jobFile.serviceLogs(this.jobDirectory(event.job)));
      if (log !== null) this.#files.append(log.path, log.data);
      this.#files.append(runFile.events(this.directory), eventLine(event, this.#context.clock()));
    });
  }

  #running(job: JobName): void {
    const pending = this.#record.jobs.some((record) => record.job === job && record.state === "pending");
    if (pending) this.#update(withJob(this.#record, job, (old) => ({ ...old, state: "running" })));
  }

  #update(record: RunRecord): void {
    this.#record = this.#mask.document(record);
    this.#writes.changed();
  }

  #guarded(write: () => void): void {
    if (this.#failure !== null) return;
    try {
      write();
    } catch (error) {
      if (!(error instanceof InfraError)) throw error;
      this.#failure = error;
      this.#onFailure(error);
    }
  }
}
