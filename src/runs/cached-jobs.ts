import { existsSync } from "node:fs";
import type { Context } from "../core/context.ts";
import { PikaciError } from "../core/errors.ts";
import type { PikaciEvent } from "../core/events.ts";
import type { HostUrl, JobName } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { JobRecord, RunRecord } from "../core/run-record.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import type { KeyParts, StoredKey, Verdict } from "../core/verdict.ts";
import type { DecidedJob } from "../guest/decide.ts";
import type { HostSession } from "../remote/session.ts";
import { removeTree } from "../system/client-files.ts";
import { copyDirectory } from "../system/copy-file.ts";
import { type JobInputs, partsOf } from "./job-parts.ts";
import { cachePolicy, verdictKey } from "./key.ts";
import { jobFile } from "./layout.ts";
import type { Recorder } from "./recorder.ts";
import { fetchArtifacts } from "./shared/fetch.ts";
import type { SignedVerdict } from "./shared/judge.ts";
import { readRun } from "./stored-runs.ts";
import { pendingJob } from "./transitions.ts";
import { artifactsOf, artifactsWrong, differencesIn, findVerdict, type VerdictStore } from "./verdicts.ts";

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
  /** Verdicts of other clients that count, by their keys. */
  readonly shared: ReadonlyMap<string, SignedVerdict>;
  /** The most bytes of artifacts that are fetched of a job. */
  readonly artifactBytes: number;
}

/** A verdict that stands for a job, without the key under which it was found. */
export interface KnownVerdict extends Omit<Verdict, "schema_version" | "parts"> {
  /** Of one that another client shared, which is where its artifacts are; absent: of a run of this workspace. */
  readonly shared?: SignedVerdict;
}

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
  readonly #shared: ReadonlyMap<string, SignedVerdict>;
  readonly #artifactBytes: number;
  readonly #warned = new Set<JobName>();
  /** Jobs for which artifacts of a shared verdict may lie in their directories. */
  readonly #fetched = new Set<JobName>();
  /** Jobs whose shared verdicts have no artifacts any more, or others. */
  readonly #unfetched = new Set<JobName>();
  readonly #session: HostSession;
  readonly #recorder: Recorder;
  readonly #context: Context;

  constructor(
    { mode, hashed, git, handed = new Map(), shared, artifactBytes }: CacheInput,
    session: HostSession,
    recorder: Recorder,
    context: Context,
  ) {
    this.#mode = mode;
    this.#store = context.author === "stranger" ? "untrusted" : "trusted";
    this.#hashed = hashed;
    this.#git = git;
    this.#handed = handed;
    this.#shared = shared;
    this.#artifactBytes = artifactBytes;
    this.#session = session;
    this.#recorder = recorder;
    this.#context = context;
  }

  /** Asks for a job's verdict on these inputs and changes nothing: `accept` and `note` say what becomes of it. */
  look(decided: DecidedJob, { prepared, needs }: JobInputs): Look {
    const { job } = decided;
    const handed = this.#handed.get(job.name) ?? null;
    const inputs = { hashed: this.#hashed, git: this.#git, prepared, needs };
    const parts = partsOf(decided, inputs, this.#session.facts);
    if (parts === null) return { job, prepared, needs, parts: null, verdict: null, known: handed };
    const verdict = this.#mode === "refresh" ? null : findVerdict(this.#context, this.#store, parts);
    const answers = verdict !== null && (verdict.status === "passed" || cachePolicy(job) === "all");
    const usable = this.#mode === "use" && answers && canHandOn(job, verdict) && this.#isWhole(verdict);
    const known = usable ? verdict : this.#sharedVerdict(job, parts);
    return { job, prepared, needs, parts, verdict, known: handed ?? known };
  }

  #sharedVerdict(job: JobSpec, parts: KeyParts): KnownVerdict | null {
    const shared = this.#mode === "use" ? this.#shared.get(verdictKey(parts)) : undefined;
    if (shared === undefined || this.#unfetched.has(job.name)) return null;
    const { parts: _, schema_version: __, ...known } = shared.verdict;
    return canHandOn(job, known) ? { ...known, shared } : null;
  }

  /** Fetches the artifacts of verdicts that others shared, all at once; those that cannot be had are a warning, and their jobs run. */
  async fetch(looks: readonly Look[]): Promise<void> {
    const wanted = looks.flatMap(({ known }) => {
      const digest = known?.shared?.verdict.artifacts_digest;
      if (known === null || digest === undefined || Object.keys(known.digests).length === 0) return [];
      return [{ digest, directory: jobFile.artifacts(this.#recorder.jobDirectory(known.job)) }];
    });
    const { runId } = this.#recorder;
    for (const { known } of looks) if (known?.shared !== undefined) this.#fetched.add(known.job);
    try {
      await fetchArtifacts(wanted, runId, { bytes: this.#artifactBytes }, this.#session, this.#context);
    } catch (error) {
      if (!(error instanceof PikaciError) || this.#context.signal.aborted) throw error;
      const message = `artifacts of shared verdicts could not be fetched: ${error.message}`;
      this.#context.emit({ type: "warning", message, hint: error.hint ?? null });
    }
  }

  /** Records a verdict that is known; false, with a warning, when its artifacts are not as they were stored. */
  accept({ known, prepared, needs }: Look): boolean {
    if (known === null || !this.#copyArtifacts(known)) return false;
    this.#repeat(known, prepared, needs);
    return true;
  }

  /** Stores the key of a job that will run beside its record, to remember its verdict. */
  note({ job, parts, verdict }: Look): void {
    if (this.#fetched.has(job.name)) removeTree(jobFile.artifacts(this.#recorder.jobDirectory(job.name)));
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
    const copy = jobFile.artifacts(this.#recorder.jobDirectory(verdict.job));
    const from = artifactsOf(this.#context.stateDir, verdict);
    if (verdict.shared === undefined && existsSync(from)) copyDirectory(from, copy);
    const wrong = differencesIn(copy, verdict.digests);
    if (wrong.length === 0) return true;
    removeTree(copy);
    if (verdict.shared !== undefined) this.#unfetched.add(verdict.job);
    this.#context.emit(artifactsWarning(verdict, wrong));
    return false;
  }

  #repeat(verdict: KnownVerdict, prepared: Look["prepared"], needs: Look["needs"]): void {
    const host = verdict.shared?.verdict.host ?? this.#hostOf(verdict);
    const record = repeated(verdict, host, this.#recorder.record, this.#context.clock());
    const found = Object.keys(needs).length === 0 ? {} : { needs };
    this.#recorder.job({ ...record, prepared, ...found });
    if (record.result !== null)
      this.#context.emit({ type: "job-finished", job: record.job, result: record.result });
  }

  #hostOf({ run_id }: KnownVerdict): HostUrl | null {
    const origin = readRun(this.#context, run_id);
    return "record" in origin && origin.digests !== null ? origin.record.host : null;
  }
}

/** Whether jobs that need this one could have what it left. */
function canHandOn({ handsOn }: JobSpec, { artifacts_digest }: KnownVerdict): boolean {
  return handsOn !== true || artifacts_digest !== undefined;
}

function artifactsWarning({ job, run_id, shared }: KnownVerdict, wrong: readonly string[]): PikaciEvent {
  const more = wrong.length > 3 ? ` and ${wrong.length - 3} more` : "";
  return {
    type: "warning",
    message: `${job} runs again: its artifacts of run ${run_id} are not as recorded: ${wrong.slice(0, 3).join(", ")}${more}`,
    hint:
      shared === undefined
        ? `\`pikaci verify ${run_id}\` names everything that has changed`
        : "the host has removed or changed what was shared",
  };
}

/** A job's part of the record that repeats a verdict of an earlier run, on `host` where that is still known. */
function repeated(
  verdict: KnownVerdict,
  host: HostUrl | null,
  run: Pick<RunRecord, "run_id">,
  now: Date,
): JobRecord {
  const { job, status, exit_code, artifacts, artifacts_digest, shared } = verdict;
  const place = host === null ? verdict.run_id : `${verdict.run_id} on ${host}`;
  const earlier = shared === undefined ? place : `${place}, shared by ${shared.signer}`;
  const by = shared === undefined ? {} : { signer: shared.signer, account: shared.verdict.account };
  return {
    ...pendingJob(job),
    cached_from: { run_id: verdict.run_id, host, ...by },
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
