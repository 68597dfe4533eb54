import { existsSync } from "node:fs";
import type { Context } from "../core/context.ts";
import { PikaciError } from "../core/errors.ts";
import type { PikaciEvent } from "../core/events.ts";
import type { HostUrl, JobName, StorePath } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { JobRecord, RunRecord } from "../core/run-record.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import type { KeyParts, StoredKey, Verdict } from "../core/verdict.ts";
import type { DecidedJob } from "../guest/decide.ts";
import type { HostSession } from "../remote/session.ts";
import { removeTree } from "../system/client-files.ts";
import { copyDirectory } from "../system/copy-file.ts";
import { hostParts } from "./host-view.ts";
import { cachePolicy, keyParts, machinePart, runnerPart } from "./key.ts";
import { jobFile } from "./layout.ts";
import type { Recorder } from "./recorder.ts";
import { readRun } from "./stored-runs.ts";
import { pendingJob } from "./transitions.ts";
import {
  artifactsOf,
  artifactsWrong,
  differencesIn,
  findVerdict,
  forgetVerdict,
  pruneVerdicts,
  putVerdict,
  type VerdictStore,
} from "./verdicts.ts";

/**
 * `use`: jobs that passed on the same inputs are not run again; `refresh`: they are, and their verdicts are remembered; `off`: they
 * are, and nothing is remembered, but a pass is forgotten when the job now fails on the same inputs.
 */
export type CacheMode = "use" | "refresh" | "off";

interface CacheInput {
  readonly mode: CacheMode;
  readonly hashed: HashedSnapshot;
  /** The `gitKey`, where any of the jobs sees a repository. */
  readonly git: string;
  /** Jobs that passed in the run that is repeated, and that do not run again; absent: none. */
  readonly handed?: ReadonlyMap<JobName, KnownVerdict>;
}

/** What a job finds from elsewhere, by its names there: store paths, and digests of what its needs left. */
export interface JobInputs {
  readonly prepared: Readonly<Record<string, StorePath>>;
  readonly needs: Readonly<Record<string, string>>;
}

/** A verdict that stands for a job, without the key under which it was found. */
export type KnownVerdict = Omit<Verdict, "schema_version" | "parts">;

/** What is remembered of a job on given inputs. */
export interface Look extends JobInputs {
  readonly job: JobSpec;
  /** Null: its verdicts are not remembered. */
  readonly parts: KeyParts | null;
  /** What is remembered, whether or not it may be used. */
  readonly verdict: Verdict | null;
  /** The verdict to use. */
  readonly known: KnownVerdict | null;
}

/** A run's verdict cache: finds the jobs that need not run, and prepares to remember the verdicts of the others. */
export class JobCache {
  readonly #mode: CacheMode;
  readonly #store: VerdictStore;
  readonly #hashed: HashedSnapshot;
  readonly #git: string;
  readonly #handed: ReadonlyMap<JobName, KnownVerdict>;
  readonly #warned = new Set<JobName>();
  readonly #session: HostSession;
  readonly #recorder: Recorder;
  readonly #context: Context;

  constructor(
    { mode, hashed, git, handed = new Map() }: CacheInput,
    session: HostSession,
    recorder: Recorder,
    context: Context,
  ) {
    this.#mode = mode;
    this.#store = context.author === "stranger" ? "untrusted" : "trusted";
    this.#hashed = hashed;
    this.#git = git;
    this.#handed = handed;
    this.#session = session;
    this.#recorder = recorder;
    this.#context = context;
  }

  /** Asks for a job's verdict on these inputs and changes nothing: `accept` and `note` say what becomes of it. */
  look({ job, flake }: DecidedJob, { prepared, needs }: JobInputs): Look {
    const handed = this.#handed.get(job.name) ?? null;
    const policy = cachePolicy(job);
    const { facts } = this.#session;
    const host = policy === "never" ? null : hostParts(flake.shape.backend, job.network, facts);
    if (host === null) return { job, prepared, needs, parts: null, verdict: null, known: handed };
    const runner = runnerPart(flake, facts.system);
    const machine = machinePart(flake.shape, facts.machine, job.network);
    const parts = keyParts(job, this.#hashed, { prepared, needs, runner, machine, git: this.#git, host });
    const verdict = this.#mode === "refresh" ? null : findVerdict(this.#context, this.#store, parts);
    const answers = verdict !== null && (verdict.status === "passed" || policy === "all");
    const usable = this.#mode === "use" && answers && canHandOn(job, verdict) && this.#isWhole(verdict);
    return { job, prepared, needs, parts, verdict, known: handed ?? (usable ? verdict : null) };
  }

  /** Records a verdict that is known; false, with a warning, when its artifacts are not as they were stored. */
  accept({ known, prepared, needs }: Look): boolean {
    if (known === null || !this.#copyArtifacts(known)) return false;
    this.#repeat(known, prepared, needs);
    return true;
  }

  /** Stores the key of a job that will run beside its record, to remember its verdict. */
  note({ job, parts, verdict }: Look): void {
    if (parts === null) return;
    if (this.#mode !== "off") this.#storeKey(job, parts, "remember");
    else if (verdict?.status === "passed") this.#storeKey(job, parts, "contradict");
  }

  #storeKey({ name }: JobSpec, parts: KeyParts, purpose: StoredKey["purpose"]): void {
    this.#recorder.key(name, { untrusted: this.#store === "untrusted", purpose, parts });
  }

  #isWhole(verdict: Verdict): boolean {
    const wrong = artifactsWrong(this.#context, verdict);
    if (wrong.length > 0 && !this.#warned.has(verdict.job))
      this.#context.emit(artifactsWarning(verdict, wrong));
    if (wrong.length > 0) this.#warned.add(verdict.job);
    return wrong.length === 0;
  }

  /** Copies the artifacts; false, with a warning and no copy, when they are not as they were stored. */
  #copyArtifacts(verdict: KnownVerdict): boolean {
    const from = artifactsOf(this.#context.stateDir, verdict);
    const copy = jobFile.artifacts(this.#recorder.jobDirectory(verdict.job));
    if (existsSync(from)) copyDirectory(from, copy);
    const wrong = differencesIn(copy, verdict.digests);
    if (wrong.length === 0) return true;
    removeTree(copy);
    this.#context.emit(artifactsWarning(verdict, wrong));
    return false;
  }

  #repeat(verdict: KnownVerdict, prepared: Look["prepared"], needs: Look["needs"]): void {
    const origin = readRun(this.#context, verdict.run_id);
    const host = "record" in origin && origin.digests !== null ? origin.record.host : null;
    const record = repeated(verdict, host, this.#recorder.record, this.#context.clock());
    const found = Object.keys(needs).length === 0 ? {} : { needs };
    this.#recorder.job({ ...record, prepared, ...found });
    if (record.result !== null)
      this.#context.emit({ type: "job-finished", job: record.job, result: record.result });
  }
}

/** Whether jobs that need this one could have what it left. */
function canHandOn({ handsOn }: JobSpec, { artifacts_digest }: KnownVerdict): boolean {
  return handsOn !== true || artifacts_digest !== undefined;
}

function artifactsWarning({ job, run_id }: KnownVerdict, wrong: readonly string[]): PikaciEvent {
  const more = wrong.length > 3 ? ` and ${wrong.length - 3} more` : "";
  return {
    type: "warning",
    message: `${job} runs again: its artifacts of run ${run_id} are not as recorded: ${wrong.slice(0, 3).join(", ")}${more}`,
    hint: `\`pikaci verify ${run_id}\` names everything that has changed`,
  };
}

/** A job's part of the record that repeats a verdict of an earlier run, on `host` where that is still known. */
function repeated(
  verdict: KnownVerdict,
  host: HostUrl | null,
  run: Pick<RunRecord, "run_id">,
  now: Date,
): JobRecord {
  const { job, status, exit_code, artifacts, artifacts_digest } = verdict;
  const earlier = host === null ? verdict.run_id : `${verdict.run_id} on ${host}`;
  return {
    ...pendingJob(job),
    cached_from: { run_id: verdict.run_id, host },
    state: "finished",
    result: {
      schema_version: SCHEMA_VERSION,
      run_id: run.run_id,
      job,
      status: status === "passed" ? "cached" : "failed",
      exit_code,
      signal: null,
      timed_out: false,
      started_at: null,
      finished_at: now.toISOString(),
      duration_ms: null,
      message:
        status === "passed" ? `passed in run ${earlier}` : `exit ${exit_code}, cached from run ${earlier}`,
      ...(artifacts_digest === undefined ? {} : { artifacts_digest }),
    },
    artifacts,
  };
}

/** Remembers a job's verdict or forgets the one that it contradicts, as its stored key says. If that fails, the job is run again next time. */
export function rememberJob(record: JobRecord, recorder: Recorder, context: Context): void {
  try {
    const key = recorder.storedKey(record.job);
    if (key === null) return;
    const store = key.untrusted ? "untrusted" : "trusted";
    if (key.purpose === "contradict") {
      forgetContradicted(record, key.parts, store, context);
    } else {
      const digests = recorder.artifactDigests(record.job);
      putVerdict(context, store, { runId: recorder.runId, record, parts: key.parts, digests });
      pruneVerdicts(context, store);
    }
  } catch (error) {
    if (!(error instanceof PikaciError)) throw error;
    const message = `the verdict of ${record.job} is not remembered: ${error.message}`;
    context.emit({ type: "warning", message, hint: error.hint ?? null });
  }
}

/** Forgets a pass when the job has now failed on the same inputs. */
function forgetContradicted(
  { job, result }: JobRecord,
  parts: KeyParts,
  store: VerdictStore,
  context: Context,
): void {
  if (result?.status !== "failed") return;
  const passed = findVerdict(context, store, parts);
  if (passed?.status !== "passed") return;
  forgetVerdict(context, store, passed);
  const message = `${job} failed on the inputs with which it passed in run ${passed.run_id}: that verdict is forgotten`;
  context.emit({ type: "warning", message, hint: null });
}
