import { type CiJob, takeJobs } from "../ci/take.ts";
import { untaken } from "../ci/untaken.ts";
import type { Project, ServiceLook } from "../part.ts";
import { uploadsOf, withArtifacts } from "./artifacts.ts";
import { jobOf } from "./job.ts";
import {
  WORKFLOW_JOB_KEYS,
  type Workflow,
  type WorkflowJob,
  workflowJobSchema,
  workflowSchema,
} from "./schema.ts";

/** A GitHub workflow: jobs of `run:` steps that need nothing from GitHub; the others are left out, with the reason. */
export const workflow: ServiceLook = (path, project, names) => {
  const parsed = workflowSchema.safeParse(project.documents.get(path));
  if (!parsed.success) {
    const why = project.unread.get(path);
    const reason = `${path}: is not a workflow that can be read${why === undefined ? "" : `: ${why}`}`;
    return { jobs: {}, notes: [], leftOut: [reason] };
  }
  const stem = path.replace(/^.*\//, "").replace(/\.ya?ml$/, "");
  const jobs = ciJobs(parsed.data, project);
  return takeJobs({ path, jobs, called: (id) => `${stem}-${id}` }, names);
};

function ciJobs(whole: Workflow, project: Project): Map<string, CiJob | string> {
  const read = new Map<string, WorkflowJob>();
  for (const [id, value] of Object.entries(whole.jobs)) {
    const { data } = workflowJobSchema.safeParse(value);
    if (data !== undefined) read.set(id, data);
  }
  const uploads = uploadsOf(read);
  const ciJob = (id: string, job: WorkflowJob): CiJob => ({
    needs: job.needs,
    make(bound) {
      const { job: made, needs, notes } = withArtifacts(id, job, uploads, bound);
      const proposed = jobOf(whole, made, project);
      if (typeof proposed === "string") return proposed;
      return {
        job: needs.length === 0 ? proposed.job : { ...proposed.job, needs: needs.map(bound.nameOf) },
        notes: [...proposed.notes, ...notes, ...untaken(whole.jobs[id], WORKFLOW_JOB_KEYS)],
      };
    },
  });
  return new Map(
    Object.keys(whole.jobs).map((id) => {
      const job = read.get(id);
      return [id, job === undefined ? "is written in a way that pikaci does not know" : ciJob(id, job)];
    }),
  );
}
