import { cpSync } from "node:fs";
import { z } from "zod";
import type { Context } from "../core/context.ts";
import { InfraError } from "../core/errors.ts";
import type { StorePath } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { JobRecord, RunRecord } from "../core/run-record.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import { type KeyParts, keyPartsSchema, type Verdict } from "../core/verdict.ts";
import type { DecidedJob } from "../guest/decide.ts";
import type { HostSession } from "../remote/session.ts";
import { codeOf, readJson, writeJson } from "../system/client-files.ts";
import { cachePolicy, keyParts, machinePart, runnerPart } from "./key.ts";
import { jobFile } from "./layout.ts";
import type { Recorder } from "./recorder.ts";
import { pendingJob } from "./transitions.ts";
import { artifactsOf, findVerdict, pruneVerdicts, putVerdict } from "./verdicts.ts";

/** `use`: what passed before is not run again; `refresh`: it is, and remembered; `off`: neither. */
export type CacheMode = "use" | "refresh" | "off";

/** A run's verdict cache: which jobs need not run, and what their siblings said for the next time. */
export class JobCache {
  readonly #mode: CacheMode;
  readonly #hashed: HashedSnapshot;
  readonly #session: HostSession;
  readonly #recorder: Recorder;
  readonly #context: Context;

  constructor(
    mode: CacheMode,
    hashed: HashedSnapshot,
    session: HostSession,
    recorder: Recorder,
    context: Context,
  ) {
    this.#mode = mode;
    this.#hashed = hashed;
    this.#session = session;
    this.#recorder = recorder;
    this.#context = context;
  }

  /** Records the jobs whose verdict is known and gives the others, whose keys it stores beside their records. */
  settle(
    jobs: readonly DecidedJob[],
    storePaths: (job: JobSpec) => Readonly<Record<string, StorePath>>,
  ): readonly DecidedJob[] {
    return jobs.filter((decided) => !this.#settleOne(decided, storePaths(decided.job)));
  }

  #settleOne({ job, flake }: DecidedJob, prepared: Readonly<Record<string, StorePath>>): boolean {
    const policy = cachePolicy(job);
    if (this.#mode === "off" || policy === "never") return false;
    const { facts } = this.#session;
    const runner = runnerPart(flake, facts.system);
    const machine = machinePart(flake.shape, facts.machine, job.network);
    const parts = keyParts(job, this.#hashed, prepared, runner, machine);
    const verdict = this.#mode === "use" ? findVerdict(this.#context.stateDir, parts) : null;
    if (verdict === null || (verdict.status === "failed" && policy !== "all")) {
      writeJson(jobFile.key(this.#recorder.jobDirectory(job.name)), parts);
      return false;
    }
    this.#repeat(verdict, prepared);
    return true;
  }

  #repeat(verdict: Verdict, prepared: Readonly<Record<string, StorePath>>): void {
    const directory = this.#recorder.jobDirectory(verdict.job);
    if (verdict.artifacts.length > 0)
      cpSync(artifactsOf(this.#context.stateDir, verdict), jobFile.artifacts(directory), {
        recursive: true,
        verbatimSymlinks: true,
      });
    const record = repeated(verdict, this.#recorder.record, this.#context.clock());
    this.#recorder.job({ ...record, prepared });
    if (record.result !== null)
      this.#context.emit({ type: "job-finished", job: record.job, result: record.result });
  }
}

/** A job's part of the record that repeats an earlier verdict. */
export function repeated(verdict: Verdict, run: Pick<RunRecord, "run_id">, now: Date): JobRecord {
  const { job, status, exit_code, run_id: earlier, artifacts } = verdict;
  return {
    ...pendingJob(job),
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
    },
    artifacts,
  };
}

/** Remembers the verdict of a job that ran, when its key was stored; what cannot be remembered is only run again. */
export function rememberJob(record: JobRecord, recorder: Recorder, { stateDir, emit }: Context): void {
  const parts = storedKey(jobFile.key(recorder.jobDirectory(record.job)));
  if (parts === null) return;
  try {
    putVerdict(stateDir, recorder.runId, record, parts);
    pruneVerdicts(stateDir);
  } catch (error) {
    if (!(error instanceof InfraError)) throw error;
    const message = `the verdict of ${record.job} is not remembered: ${error.message}`;
    emit({ type: "warning", message, hint: error.hint ?? null });
  }
}

/** Null when none was stored, or one that another version of pikaci understands. */
function storedKey(path: string): KeyParts | null {
  try {
    return keyPartsSchema.parse(readJson(path));
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError || codeOf(error) === "ENOENT")
      return null;
    throw error;
  }
}
