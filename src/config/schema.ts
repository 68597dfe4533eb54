import * as z from "zod";
import { guardRuleNames } from "../core/guard-rules.ts";
import { closest } from "../core/suggest.ts";
import { object, size } from "./fields.ts";
import { jobSchema } from "./job-schema.ts";
import type { MatrixInput } from "./matrix-schema.ts";
import { absolutePath, duration, gitSwitch, glob, globs, jobName, name, text, word } from "./words.ts";

const allowed = object({
  rule: z
    .enum(guardRuleNames, {
      error: (issue) => {
        const guess = typeof issue.input === "string" ? closest(issue.input, guardRuleNames) : null;
        const help = guess === null ? `known: ${guardRuleNames.join(", ")}` : `did you mean "${guess}"?`;
        return `unknown guard rule; ${help}`;
      },
    })
    .describe("The rule, as the refusal names it"),
  paths: z
    .array(glob, { error: 'expected a list of globs, as in ["test/keys/**"]' })
    .min(1, "needs at least one glob")
    .describe("Globs of the files that may pass"),
});

const snapshot = object({
  include: globs.optional().describe("Globs of the files that count, after git's own rules; default all"),
  exclude: globs.optional().describe("Globs of files that do not count"),
  allow: z
    .array(allowed, {
      error: 'expected a list, as in [{ "rule": "private-key", "paths": ["test/keys/**"] }]',
    })
    .optional()
    .describe("What the guards against secrets and large files let pass, by rule and path"),
  maxFileSize: size
    .optional()
    .describe('Largest file that a snapshot takes: "500MB", or bytes; default 100MiB'),
});

const target = object({
  description: z.string().optional().describe("For people"),
  filters: globs.optional().describe("Run only when a changed file matches one of these globs"),
  jobs: z.array(jobName).describe("Names of jobs; only with `checks` it may be empty"),
  checks: z
    .boolean()
    .optional()
    .describe("Also every check of the flake, as `checks` of the project has them"),
});

const host = object({
  url: z.string().describe("local or ssh://[user@]host[:port]"),
  workDir: absolutePath.optional().describe("Default: $HOME/.local/state/pikaci on the host"),
  flakeInputs: z
    .enum(["fetch", "send"], { error: 'expected "fetch" or "send"' })
    .optional()
    .describe(
      "send: this machine fetches what flakes are locked to, for a host without network; default fetch",
    ),
  lease: duration.optional().describe("Silence of the client after which its guests end; default 2m"),
});

const untrusted = object({
  runners: z
    .array(z.enum(["sandbox", "derivation"]), {
      error: 'expected a list of "sandbox" and "derivation", which share the host\'s kernel',
    })
    .optional()
    .describe("Backends without a kernel of their own that jobs may use; default none"),
  flakeOutputs: z
    .boolean()
    .optional()
    .describe("Whether hosts may build outputs of the tree's flake, in Nix's sandbox; default false"),
  secrets: z.array(word).optional().describe("Secrets that jobs may have; default none"),
  networks: z
    .array(z.enum(["host", "user"]), { error: 'expected a list of "host" and "user"' })
    .optional()
    .describe("Networks that jobs may have; default none"),
  caches: z.array(name).optional().describe("Caches that jobs may read; they never save any; default none"),
  git: gitSwitch
    .optional()
    .describe("Whether jobs may have a .git, of the repository that the tree names; default false"),
});

/** The configuration as it is written; every rule that needs no other part of it. */
export const configSchema = object({
  $schema: z.string().optional().describe("The JSON Schema, for editors"),
  project: name.optional().describe("Identifies the project on a host; default: the directory's name"),
  host: z
    .string()
    .optional()
    .describe("A name of `hosts`, `local`, or ssh://[user@]host[:port]; default local"),
  hosts: z.record(name, host).optional().describe("Machines that build and run, by name"),
  snapshot: snapshot.optional().describe("Which files of the workspace count"),
  git: gitSwitch
    .optional()
    .describe("Whether jobs have a .git in /workspace: HEAD, its history to the nearest tag; default false"),
  flake: object({
    files: globs
      .optional()
      .describe(
        "Globs of the files that its evaluation needs; only a change to these evaluates it again; default all",
      ),
  })
    .optional()
    .describe("The workspace's flake"),
  checks: z
    .union(
      [
        z.boolean(),
        object({
          exclude: z.array(text).optional().describe("Names of checks that are no jobs; default none"),
        }),
      ],
      { error: 'expected true, or { "exclude": ["name"] }' },
    )
    .optional()
    .describe("Every check of the flake is a job, check.NAME, that passes when it builds; default false"),
  limits: object({
    jobs: z.int().min(1).max(64).optional().describe("Jobs that run at the same time; default one per CPU"),
    artifacts: size
      .optional()
      .describe("What one job may leave in /artifacts; more is not fetched; default 4GiB"),
    unfetched: duration
      .optional()
      .describe(
        "How long hosts keep what a killed client did not fetch; the project's next session removes it then; default 1d",
      ),
  })
    .optional()
    .describe("What a run may take"),
  untrusted: untrusted
    .optional()
    .describe("What a stranger's tree may have (`--untrusted`); only in a file outside the tree"),
  targets: z.record(name, target).optional().describe("Named sets of jobs; default: one of all jobs"),
  defaultTarget: name.optional().describe("What `pikaci run` runs; default: the only target, or `default`"),
  jobs: z
    .record(jobName, jobSchema)
    .describe("What runs, each in a guest of its own; only with `checks` it may be empty"),
});

type Schema = z.input<typeof configSchema>;
type JobSchema = Schema["jobs"][string];

/** Stands for a value of the job's matrix. */
type MatrixReference = `\${matrix.${string}}`;
/** A value that may hold references. */
type Written<T> = T extends string | number | boolean
  ? T | MatrixReference
  : { [Key in keyof T]: Written<T[Key]> };

/** A job as it is written. */
type JobInput = Written<Omit<JobSchema, "matrix">> & { readonly matrix?: MatrixInput | undefined };

/** A configuration as it is written; docs/config-reference.md. What is left out has a default. */
export type ConfigInput = Omit<Schema, "jobs"> & { jobs: Record<string, JobInput> };
/** A configuration that was checked; defaults that depend on other keys are still to be filled in. */
export type Config = z.output<typeof configSchema>;
