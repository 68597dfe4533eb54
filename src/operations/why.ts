import { selectHost } from "../config/host.ts";
import { checkInputs } from "../config/inputs.ts";
import { loadProject } from "../config/load.ts";
import { checkMounts } from "../config/mounts.ts";
import { selectJob } from "../config/targets.ts";
import type { Context } from "../core/context.ts";
import type { HostView } from "../core/host-view.ts";
import type { JobName, RunId } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { MachineShape } from "../core/machine-shape.ts";
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
import { type ChangedPath, knownPrepared } from "./why-prepared.ts";

/** Whether a job would run, as far as this machine can tell, and why. */
export interface Why {
  readonly job: JobName;
  readonly runs: "yes" | "no" | "unless prepared outputs are the same";
  readonly reason: string;
  /** Parts of the key that differ from the newest verdict's. */
  readonly changed: readonly string[];
  /** The run with that verdict. */
  readonly since: RunId | null;
  /** Client paths that have changed since that run. */
  readonly paths: readonly ChangedPath[];
}

/** Why a job would run or not on the workspace as it is now; asks no host. UsageError, ConfigError. */
export async function why(job: string, config: string | null, context: Context): Promise<Why> {
  const configured = await loadProject(context.workspace, config, context);
  const host = await selectHost(configured, null, context);
  const wanted = { target: null, jobs: [job] };
  const project = await findChecks(configured, wanted, host, NO_NIX_OPTIONS, context);
  const selected = selectJob(project, job);
  const tree = await snapshot({ workspace: project.workspace, filters: project.filters }, context);
  const hashed = await hash(tree, context);
  const [found = selected] = withShardFiles([selected], hashed, "use", context);
  checkInputs([found], hashed);
  checkMounts([found], hashed);
  if (isBuild(found)) return whyBuild(found);
  const spec = bindProjectFlake(found, hashed, project.flake.files);
  const newest = newestVerdict(context, spec.name);
  if (newest === null) return { ...explainJob(spec, null, null, null), paths: [] };
  const prepared = await knownPrepared(spec, newest.parts, project.workspace, context);
  const view = findHostView(host.url, context);
  const git = spec.git === true ? gitKey(await readGitState(project.workspace, context)) : "";
  const known = { prepared: prepared.storePaths ?? {}, git, view };
  const parts = partsNow(spec, hashed, known, newest);
  const same = prepared.storePaths === null ? null : sameKey(parts, context);
  const answer = explainJob(spec, newest, { ...parts, "prepared outputs": prepared.part }, same);
  return { ...answer, paths: answer.changed.includes("prepared outputs") ? prepared.changed : [] };
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
    paths: [],
    since: null,
  };
}

/** The verdict of exactly this key, also an older one; null when there is none. */
function sameKey(parts: KeyParts, context: Context): Verdict | null {
  const found = findVerdict(context, "trusted", parts);
  return found !== null && artifactsWrong(context, found).length === 0 ? found : null;
}

/**
 * The key as far as it is known here. The host's system and machine count as unchanged; what guests see of the host is taken from
 * its last answer.
 */
function partsNow(
  spec: JobSpec,
  hashed: HashedSnapshot,
  { prepared, git, view }: Pick<KeyInputs, "prepared" | "git"> & { readonly view: HostView | null },
  newest: Verdict,
): KeyParts {
  const { shape, runner } = runnerOf(spec, newest);
  const seen = view === null ? null : hostParts(shape.backend, spec.network, view);
  const machine = newest.parts.machine ?? "";
  return keyParts(spec, hashed, { prepared, runner, machine, git, host: seen ?? newest.parts });
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
): Omit<Why, "paths"> {
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
