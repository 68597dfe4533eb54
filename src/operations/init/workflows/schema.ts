import * as z from "zod";

const variables = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({});
const defaults = z
  .object({
    run: z.object({ shell: z.string().optional(), "working-directory": z.string().optional() }).optional(),
  })
  .optional();

const stepSchema = z.object({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  if: z.unknown().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
  shell: z.string().optional(),
  env: variables,
  "working-directory": z.string().optional(),
  "continue-on-error": z.unknown().optional(),
});

/** A job of a workflow, as far as `init` reads it. */
export const workflowJobSchema = z.object({
  "runs-on": z.unknown().optional(),
  needs: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((needs) => [needs].flat()),
  environment: z.unknown().optional(),
  "timeout-minutes": z.unknown().optional(),
  "continue-on-error": z.unknown().optional(),
  if: z.unknown().optional(),
  uses: z.string().optional(),
  container: z.unknown().optional(),
  services: z.unknown().optional(),
  strategy: z.object({ matrix: z.unknown().optional() }).optional(),
  env: variables,
  defaults,
  steps: z.array(stepSchema).default([]),
});

/** Keys of a job that are read, or that mean nothing here. */
export const WORKFLOW_JOB_KEYS = [...Object.keys(workflowJobSchema.shape), "name"];

export const workflowSchema = z.object({ env: variables, defaults, jobs: z.record(z.string(), z.unknown()) });

export type Step = z.output<typeof stepSchema>;
export type WorkflowJob = z.output<typeof workflowJobSchema>;
export type Workflow = z.output<typeof workflowSchema>;
