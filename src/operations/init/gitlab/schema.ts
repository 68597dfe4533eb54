import * as z from "zod";

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const variable = z.union([scalar, z.object({ value: scalar }).transform(({ value }) => value)]);
export const variablesSchema = z.record(z.string(), variable).default({});

/** Lines; GitLab takes lists in lists, as YAML's anchors make them. */
const linesSchema: z.ZodType<string[]> = z
  .union([z.string(), z.array(z.union([z.string(), z.array(z.string())]))])
  .transform((value) => [value].flat(2));

const serviceSchema = z.union([
  z.string().transform((name) => ({ name, alias: undefined, variables: {} })),
  z.object({ name: z.string(), alias: z.string().optional(), variables: variablesSchema }),
]);

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const retrySchema = z.object({
  max: z.int().default(0),
  when: oneOrMore.default(["always"]),
  exit_codes: z.unknown().optional(),
});

const needSchema = z.union([
  z.string().transform((job) => ({ job, artifacts: true, isElsewhere: false, instances: undefined })),
  z
    .object({
      job: z.string().optional(),
      artifacts: z.boolean().default(true),
      project: z.unknown().optional(),
      pipeline: z.unknown().optional(),
      parallel: z.unknown().optional(),
    })
    .transform(({ job = "", artifacts, project, pipeline, parallel }) => ({
      job,
      artifacts,
      isElsewhere: project !== undefined || pipeline !== undefined || job === "",
      instances: parallel,
    })),
]);

/** A job of a GitLab file, as far as `init` reads it. */
export const gitlabJobSchema = z.object({
  script: linesSchema.optional(),
  before_script: linesSchema.default([]),
  variables: variablesSchema,
  services: z.array(serviceSchema).default([]),
  parallel: z
    .union([z.int(), z.object({ matrix: z.array(z.record(z.string(), z.union([scalar, z.array(scalar)]))) })])
    .optional(),
  retry: z
    .union([z.int().transform((max) => ({ max, when: ["always"], exit_codes: undefined })), retrySchema])
    .optional(),
  needs: z.array(needSchema).optional(),
  dependencies: z.array(z.string()).optional(),
  stage: z.string().default("test"),
  image: z.unknown().optional(),
  timeout: z.string().optional(),
  when: z.string().optional(),
  rules: z.unknown().optional(),
  only: z.unknown().optional(),
  except: z.unknown().optional(),
  trigger: z.unknown().optional(),
  environment: z.unknown().optional(),
  release: z.unknown().optional(),
  artifacts: z.unknown().optional(),
  cache: z.unknown().optional(),
  allow_failure: z.unknown().optional(),
});

/** Keys of a job that are read. */
export const GITLAB_JOB_KEYS = [...Object.keys(gitlabJobSchema.shape), "extends"];

export type GitlabJob = z.output<typeof gitlabJobSchema>;
