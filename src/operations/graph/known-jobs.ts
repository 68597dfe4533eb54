import type { Context } from "../../core/context.ts";
import type { JobName, RunId, StorePath } from "../../core/ids.ts";
import type { JobSpec } from "../../core/job.ts";
import { artifactsOnHost } from "../../guest/artifacts-on-host.ts";
import type { DecidedJob } from "../../guest/decide.ts";
import type { HostSession } from "../../remote/session.ts";
import type { JobCache, Look } from "../../runs/cached-jobs.ts";
import type { JobInputs } from "../../runs/job-parts.ts";
import { keptVerdicts } from "./kept.ts";
import { needsOf, type Standings } from "./standing.ts";

type StorePathsOf = (job: JobSpec) => Readonly<Record<string, StorePath>> | null;

/** What of a run its jobs' verdicts are asked with. */
interface Place {
  readonly cache: JobCache;
  readonly session: HostSession;
  readonly runId: RunId;
  /** How the jobs did that have ended, now. */
  readonly standings: () => Standings;
}

/** The verdicts of a run's jobs that are known without running them, layer by layer. */
export class KnownJobs {
  readonly #place: Place;
  readonly #context: Context;
  readonly #noted = new Set<JobName>();
  readonly #onHost = new Set<string>();
  readonly #asked = new Set<string>();

  constructor(place: Place, context: Context) {
    this.#place = place;
    this.#context = context;
  }

  /**
   * Records the jobs whose verdicts are known and stand (`keptVerdicts`), and returns the others. `jobs` has each after its
   * needs; `storePaths` gives null for a job whose prepared outputs are not known yet. With `ask`, the host says where it is in
   * doubt whether it still has what a known job left, for a job that runs.
   */
  async settle(
    jobs: readonly DecidedJob[],
    storePaths: StorePathsOf,
    ask: "ask" | "nothing",
  ): Promise<readonly DecidedJob[]> {
    const looks = this.#lookAll(jobs, storePaths);
    let kept = this.#kept(jobs, looks);
    const doubtful = [...looks.values()].filter(({ job, known }) => known !== null && !kept.has(job.name));
    if (ask === "ask" && doubtful.length > 0) {
      await this.#askHost(doubtful.flatMap(({ known }) => known?.artifacts_digest ?? []));
      kept = this.#kept(jobs, looks);
    }
    await this.#place.cache.fetch([...looks.values()].filter(({ job }) => kept.has(job.name)));
    const accepted = new Set<JobName>();
    for (const [name, look] of looks) {
      const rests = (look.job.needs ?? []).every((need) => !looks.has(need) || accepted.has(need));
      if (kept.has(name) && rests && this.#place.cache.accept(look)) accepted.add(name);
    }
    return jobs.filter(({ job }) => !accepted.has(job.name));
  }

  /** Settles a job whose turn has come, and whose needs have passed: `known` when it need not run. `isNeeded`: by one that may run. */
  async decide(
    decided: DecidedJob,
    { prepared, needs }: JobInputs,
    isNeeded: boolean,
  ): Promise<"known" | "runs"> {
    const { cache } = this.#place;
    if (this.#noted.has(decided.job.name)) return "runs";
    const look = cache.look(decided, { prepared, needs });
    const digest = look.known?.artifacts_digest;
    if (isNeeded && digest !== undefined) await this.#askHost([digest]);
    const stands = !isNeeded || (digest !== undefined && this.#onHost.has(digest));
    if (stands) await cache.fetch([look]);
    if (look.known !== null && stands && cache.accept(look)) return "known";
    this.#note(look);
    return "runs";
  }

  #note(look: Look): void {
    this.#noted.add(look.job.name);
    this.#place.cache.note(look);
  }

  /** Looks at the jobs whose inputs are known if the verdicts of their needs stand. */
  #lookAll(jobs: readonly DecidedJob[], storePaths: StorePathsOf): Map<JobName, Look> {
    const looks = new Map<JobName, Look>();
    const ended = this.#place.standings();
    const standings = new Map(ended);
    for (const decided of jobs) {
      const { job } = decided;
      const prepared = storePaths(job);
      const needs = needsOf(job, standings);
      if (prepared === null || needs === null || this.#noted.has(job.name)) continue;
      const look = this.#place.cache.look(decided, { prepared, needs });
      const { known } = look;
      looks.set(job.name, look);
      if (known !== null) {
        const status = known.status === "passed" ? "cached" : "failed";
        standings.set(job.name, { status, artifacts: known.artifacts_digest ?? null });
      } else if (needsOf(job, ended) !== null) this.#note(look);
    }
    return looks;
  }

  #kept(jobs: readonly DecidedJob[], looks: ReadonlyMap<JobName, Look>): ReadonlySet<JobName> {
    const standings = this.#place.standings();
    const candidates = jobs.map(({ job: { name, needs = [] } }) => {
      const known = looks.get(name)?.known ?? null;
      return {
        name,
        needs: needs.filter((need) => !standings.has(need)),
        known: known !== null,
        onHost: known?.status === "failed" || this.#onHost.has(known?.artifacts_digest ?? ""),
      };
    });
    return keptVerdicts(candidates);
  }

  /** What the host has then stays there until the run ends. */
  async #askHost(digests: readonly string[]): Promise<void> {
    const open = digests.filter((digest) => !this.#asked.has(digest));
    const { session, runId } = this.#place;
    for (const digest of await artifactsOnHost(open, runId, session, this.#context)) this.#onHost.add(digest);
    for (const digest of open) this.#asked.add(digest);
  }
}
