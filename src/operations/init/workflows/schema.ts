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
  shell: z.string().optional(),
  env: variables,
  "working-directory": z.string().optional(),
  "continue-on-error": z.unknown().optional(),
});

/** A job of a workflow, as far as `init` reads it. */
export const workflowJobSchema = z.object({
  "runs-on": z.unknown().optional(),
  if: z.unknown().optional(),
  uses: z.string().optional(),
  container: z.unknown().optional(),
  services: z.unknown().optional(),
  strategy: z.object({ matrix: z.unknown().optional() }).optional(),
  env: variables,
  defaults,
  steps: z.array(stepSchema).default([]),
});

export const workflowSchema = z.object({ env: variables, defaults, jobs: z.record(z.string(), z.unknown()) });

export type Step = z.output<typeof stepSchema>;
export type WorkflowJob = z.output<typeof workflowJobSchema>;
export type Workflow = z.output<typeof workflowSchema>;
