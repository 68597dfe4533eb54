import { selectHost } from "../config/host.ts";
import { checkInputs } from "../config/inputs.ts";
import { loadProject } from "../config/load.ts";
import { checkMounts } from "../config/mounts.ts";
import { selectNeeds } from "../config/needs.ts";
import { selectJob } from "../config/targets.ts";
import type { Context } from "../core/context.ts";
import type { HostView } from "../core/host-view.ts";
import type { JobName, RunId } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { MachineShape } from "../core/machine-shape.ts";
import type { Project } from "../core/project.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import type { KeyParts, Verdict } from "../core/verdict.ts";
import { bindProjectFlake } from "../guest/project-flake.ts";
import { renderRunner } from "../guest/runner-flake.ts";
import { candidates } from "../guest/runners/choose.ts";
import { NO_NIX_OPTIONS } from "../nix/options.ts";
import { findHostView, hostParts } from "../runs/host-view.ts";
import {
  type ClientParts,
  cachePolicy,
  changedParts,
  type KeyInputs,
  keyParts,
  parsePreparedPart,
  runnerPart,
  tellParts,
} from "../runs/key.ts";
import { artifactsWrong, findVerdict, newestVerdict } from "../runs/verdicts.ts";
import { gitKey, readGitState } from "../tree/git-dir/state.ts";
import { hash } from "../tree/hash.ts";
import { snapshot } from "../tree/snapshot.ts";
import { isBuild } from "./builds.ts";
import { findChecks } from "./checks.ts";
import { withShardFiles } from "./shards.ts";
import { withFlaky } from "./why-flaky.ts";
import { type ChangedPath, knownPrepared } from "./why-prepared.ts";

/** Whether a job would run, as far as this machine can tell, and why. */
export interface Why {
  readonly job: JobName;
  readonly runs: "yes" | "no" | "unless prepared outputs are the same" | "unless its needs leave the same";
  readonly reason: string;
  /** Parts of the key that differ from the newest verdict's. */
  readonly changed: readonly string[];
  /** The run with that verdict. */
  readonly since: RunId | null;
  /** Client paths that have changed since that run. */
  readonly paths: readonly ChangedPath[];
  /** Needs that left something else than in that run. */
  readonly needs: readonly string[];
}

/** Why a job would run or not on the workspace as it is now; asks no host. UsageError, ConfigError. */
export async function why(job: string, config: string | null, context: Context): Promise<Why> {
  const configured = await loadProject(context.workspace, config, context);
  const host = await selectHost(configured, null, context);
  const wanted = { target: null, jobs: [job] };
  const project = await findChecks(configured, wanted, host, NO_NIX_OPTIONS, context);
  const found = selectJob(project, job);
  const selected = selectNeeds(project, { target: null, jobs: [found] });
  const tree = await snapshot({ workspace: project.workspace, filters: project.filters }, context);
  const hashed = await hash(tree, context);
  const jobs = withShardFiles(selected.jobs, hashed, "use", context);
  checkInputs(jobs, hashed);
  checkMounts(jobs, hashed);
  const git = jobs.some((one) => one.git === true)
    ? gitKey(await readGitState(project.workspace, context))
    : "";
  const site = { project, hashed, git, view: findHostView(host.url, context) };
  const answers = new Map<JobName, Answer>();
  for (const one of jobs) answers.set(one.name, await answerFor(one, answers, site, context));
  const answer = answers.get(found.name);
  if (answer === undefined) throw new Error(`no answer for ${job}`);
  return answer.why;
}

/** What this machine knows of a project. */
interface Site {
  readonly project: Project;
  readonly hashed: HashedSnapshot;
  /** The part of the key of jobs that see the repository. */
  readonly git: string;
  readonly view: HostView | null;
}

/** What is known of a job; `left` is the digest of what jobs that need it would find, null where only a run can say. */
interface Answer {
  readonly why: Why;
  readonly left: string | null;
}

async function answerFor(
  job: JobSpec,
  answers: ReadonlyMap<JobName, Answer>,
  { project, hashed, git, view }: Site,
  context: Context,
): Promise<Answer> {
  if (isBuild(job)) return { why: whyBuild(job), left: null };
  const spec = bindProjectFlake(job, hashed, project.flake.files);
  const newest = newestVerdict(context, spec.name);
  if (newest === null)
    return {
      why: { ...withFlaky(explainJob(spec, null, null, null), spec, null, context), ...NOTHING_CHANGED },
      left: null,
    };
  const prepared = await knownPrepared(spec, newest.parts, project.workspace, context);
  const needs = knownNeeds(spec, project.jobs, answers);
  const known = { prepared: prepared.storePaths ?? {}, needs: needs ?? {}, git, view };
  const parts = partsNow(spec, hashed, known, newest);
  const whole = prepared.storePaths !== null && needs !== null;
  const same = whole ? sameKey(spec, parts, context) : null;
  const now = {
    ...parts,
    "prepared outputs": prepared.part,
    needs: needs === null ? null : (parts.needs ?? ""),
  };
  const answer = withFlaky(explainJob(spec, newest, now, same), spec, newest.run_id, context);
  const changed = (part: string) => answer.changed.includes(part);
  return {
    why: {
      ...answer,
      paths: changed("prepared outputs") ? prepared.changed : [],
      needs: changed("needs") ? changedNeeds(newest.parts.needs, needs ?? {}) : [],
    },
    left: answer.runs === "no" ? (same?.artifacts_digest ?? null) : null,
  };
}

const NOTHING_CHANGED = { paths: [], needs: [] } as const;

/** What a job's needs left, by their names; null where one of them would run, or left nothing to compare. */
function knownNeeds(
  { needs = [] }: JobSpec,
  jobs: Project["jobs"],
  answers: ReadonlyMap<JobName, Answer>,
): Readonly<Record<string, string>> | null {
  const guests = needs.filter((need) => !isBuild(jobs[need] ?? {}));
  const left = guests.flatMap((need) => {
    const digest = answers.get(need)?.left ?? null;
    return digest === null ? [] : [[need, digest] as const];
  });
  return left.length === guests.length ? Object.fromEntries(left) : null;
}

/** Names of needs that left something else than they had when a verdict was made, whose part is `before`. */
function changedNeeds(before: string | undefined, now: Readonly<Record<string, string>>): string[] {
  const old = parsePreparedPart(before ?? "[]") ?? {};
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => old[name] !== now[name]);
}

/** The answer for a job that only builds: the host's records of outputs decide. */
function whyBuild({ name, prepare }: JobSpec): Why {
  const outputs = Object.values(prepare).map((spec) => (spec.kind === "path" ? spec.path : spec.installable));
  const reason = `its verdict is that ${outputs.join(", ")} builds, which the host knows when it has built it from the same files`;
  return {
    job: name,
    runs: "unless prepared outputs are the same",
    reason,
    changed: [],
    since: null,
    ...NOTHING_CHANGED,
  };
}

/** The verdict of exactly this key, also an older one; null when there is none. */
function sameKey({ handsOn }: JobSpec, parts: KeyParts, context: Context): Verdict | null {
  const found = findVerdict(context, "trusted", parts);
  if (handsOn === true && found?.artifacts_digest === undefined) return null;
  return found !== null && artifactsWrong(context, found).length === 0 ? found : null;
}

/**
 * The key as far as it is known here. The host's system and machine count as unchanged; what guests see of the host is taken from
 * its last answer.
 */
function partsNow(
  spec: JobSpec,
  hashed: HashedSnapshot,
  { prepared, needs = {}, git, view }: Pick<KeyInputs, "prepared" | "needs" | "git"> & Pick<Site, "view">,
  newest: Verdict,
): KeyParts {
  const { shape, runner } = runnerOf(spec, newest);
  const seen = view === null ? null : hostParts(shape.backend, spec.network, view);
  const machine = newest.parts.machine ?? "";
  return keyParts(spec, hashed, { prepared, needs, runner, machine, git, host: seen ?? newest.parts });
}

/** The newest verdict's runner if it may still be the same; the system, which only the host knows, counts as unchanged. */
function runnerOf(
  spec: JobSpec,
  { parts }: Verdict,
): { readonly shape: MachineShape; readonly runner: string } {
  const system = parts.runner.split(" ")[1] ?? "";
  const possible = candidates(spec).map((shape) => ({
    shape,
    runner: runnerPart(renderRunner(shape), system),
  }));
  const [first] = possible;
  const found = possible.find(({ runner }) => runner === parts.runner) ?? first;
  if (found === undefined) throw new Error(`no runner for ${spec.name}`);
  return found;
}

/** The machine of that verdict. The host's own may have changed; that is checked when the job runs. */
function withMachine({ parts }: Verdict): string {
  return (parts.machine ?? "") === "" ? "" : `, in ${parts.machine}, unless the host has another by now`;
}

/** Decides the answer; pure. */
function explainJob(
  spec: JobSpec,
  newest: Verdict | null,
  now: ClientParts | null,
  same: Verdict | null,
): Omit<Why, "paths" | "needs"> {
  const { name: job } = spec;
  const none = { job, changed: [], since: null };
  if (cachePolicy(spec) === "never")
    return { ...none, runs: "yes", reason: "its verdicts are not remembered (`cache`, or a network)" };
  if (newest === null || now === null)
    return { ...none, runs: "yes", reason: "no verdict of it is remembered here" };
  const since = (same ?? newest).run_id;
  if (same !== null && (same.status === "passed" || cachePolicy(spec) === "all"))
    return {
      job,
      changed: [],
      since,
      runs: "no",
      reason: `it ${same.status} on the same inputs in run ${since}${withMachine(same)}`,
    };
  const changed = changedParts(newest.parts, now);
  if (changed.length > 0)
    return { job, changed, since, runs: "yes", reason: `changed since run ${since}: ${tellParts(changed)}` };
  if (newest.status === "failed" && cachePolicy(spec) !== "all")
    return { job, changed, since, runs: "yes", reason: `it failed in run ${since}, and failures run again` };
  if (now.needs === null)
    return {
      job,
      changed,
      since,
      runs: "unless its needs leave the same",
      reason: `nothing that this machine knows of changed since run ${since}; jobs that it needs run first, and what they leave decides`,
    };
  if (now["prepared outputs"] === null)
    return {
      job,
      changed,
      since,
      runs: "unless prepared outputs are the same",
      reason: `nothing that this machine knows of changed since run ${since}; the host compares the prepared outputs`,
    };
  return {
    job,
    changed,
    since,
    runs: "yes",
    reason: `the artifacts of run ${since} are gone, or have changed`,
  };
}
