import type { Context } from "../../core/context.ts";
import type { JobSpec } from "../../core/job.ts";
import type { RunRecord } from "../../core/run-record.ts";
import type { StandingConnection } from "../../remote/connection.ts";
import { isLost } from "../../remote/host-link.ts";
import type { Reach } from "../host-way.ts";
import { makePlan } from "../plan.ts";
import { defaultCache, type RunRequest, recorded } from "../run.ts";
import type { Approach } from "./approach.ts";
import type { Look } from "./look.ts";
import type { Wanted } from "./machine.ts";

/** A run of a watch. */
export interface LookRun {
  readonly look: Look;
  readonly jobs: readonly JobSpec[];
  readonly wanted: Wanted;
  readonly request: RunRequest;
  readonly standing: StandingConnection;
  readonly approach: Approach;
  readonly reach: Reach;
}

/** How a run ended; `lost`: because its host could not be reached any more. */
export interface EndedRun {
  readonly record: RunRecord;
  readonly lost: boolean;
}

/** Runs jobs on the tree that was looked at, with a record like any run. Throws what `recorded` throws. */
export async function runLook(run: LookRun, context: Context): Promise<EndedRun> {
  const { look, jobs, wanted, request, approach } = run;
  const { project, host, plan } = look.run;
  const { nix, target } = plan;
  const cache = request.cache ?? defaultCache(context);
  let lost = false;
  const begun = { runId: approach.runId, reach: run.reach };
  const record = await recorded({ host, jobs, begun }, context, async (recorder, inner, way) => {
    for (const event of look.events) recorder.keep(event);
    const { runPipeline } = await import("../pipeline.ts");
    const input = {
      project,
      host,
      plan: makePlan({
        projectId: project.id,
        target,
        host,
        jobs,
        skipped: [],
        nix,
        flakeFiles: project.flake.files,
      }),
      jobs,
      repair: request.repair,
      verify: request.verify,
      detach: false,
      cache: wanted === "touched" || cache === "off" ? cache : "refresh",
      exact: null,
      nix,
      taken: look.hashed,
      way,
    } as const;
    return runPipeline(input, recorder, inner).catch((error: unknown) => {
      lost = isLost(error);
      throw error;
    });
  });
  const isDead = async () => record.status === "infra" && !(await run.standing.isThere());
  return { record, lost: lost || (await isDead()) };
}
