import * as z from "zod";
import { quarantine, retries } from "./attempts-schema.ts";
import { environment } from "./environment.ts";
import { object, size } from "./fields.ts";
import { matrixSchema } from "./matrix-schema.ts";
import { preparedOutput } from "./prepare-schema.ts";
import { runnerSchema } from "./runner-schema.ts";
import { servicesSchema } from "./service-schema.ts";
import { shardsSchema } from "./shards-schema.ts";
import { command, duration, gitSwitch, globs, name, word } from "./words.ts";

const count = z.int().min(1).max(1_000_000);
const jobLimits = object({
  memory: size.optional().describe("Memory of all the job's processes together"),
  processes: count.optional().describe("Processes and threads at the same time"),
  fileSize: size.optional().describe("Size of any one file that the job writes"),
  openFiles: count.optional().describe("Open files of any one process"),
});

/** A job as it is written; every rule that needs no other part of it. */
export const jobSchema = object({
  description: z.string().optional().describe("For people"),
  matrix: matrixSchema
    .optional()
    .describe(
      `Values by keys: the job runs once for each combination of them, where \`\${matrix.KEY}\` is the value`,
    ),
  shards: shardsSchema
    .optional()
    .describe("The job runs as so many jobs, each with `PIKACI_SHARD` and `PIKACI_SHARDS`, and one verdict"),
  command: command.describe("Text for /bin/sh, or a list of words that no shell reads"),
  runner: runnerSchema
    .optional()
    .describe(
      "Machine shape of the guest: sandbox, minivm (a virtual machine), microvm (NixOS in one), derivation (a Nix build) or auto; default sandbox",
    ),
  limits: jobLimits
    .optional()
    .describe("What the job may use; what a host cannot enforce is in the record, and a warning"),
  prepare: z
    .record(name, preparedOutput)
    .optional()
    .describe("What the job finds below /prepared, by its name there"),
  needs: z
    .array(word, { error: 'expected a list of names of jobs, as in ["build"]' })
    .optional()
    .describe("Jobs that must pass before this one begins; it finds what they left below /needs"),
  timeout: duration.optional().describe("Time for the command; default 1h"),
  inputs: globs
    .optional()
    .describe(
      "Files that the verdict depends on: a change to others does not run the job again; default all",
    ),
  cache: z
    .enum(["passed", "all", "never"], { error: 'expected "passed", "all" or "never"' })
    .optional()
    .describe('Which verdicts are remembered; default "passed", and "never" for a job with a network'),
  caches: z
    .array(name, { error: 'expected a list of names, as in ["build"]' })
    .refine((names) => new Set(names).size === names.length, "names a cache twice")
    .optional()
    .describe("Names of directories /cache/<name> that the project's jobs keep from one pass to the next"),
  git: gitSwitch.optional().describe("Whether /workspace has a .git; default the project's `git`"),
  secrets: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a secret is the name of an environment variable"))
    .optional()
    .describe("Names of this machine's environment variables that reach the command, masked in logs"),
  services: servicesSchema
    .optional()
    .describe("Commands that run beside the command in its guest, by name, and end with it"),
  silence: duration.optional().describe("How long the command may print nothing; default: no limit"),
  retries,
  quarantine,
  env: environment.optional().describe("Environment variables of the command"),
  cwd: word.optional().describe("Directory in the guest, relative to /workspace"),
  user: z
    .enum(["user", "root"], { error: 'expected "user" or "root"' })
    .optional()
    .describe("Who runs the command in the guest; default user"),
  workspace: z
    .enum(["read-only", "private"], { error: 'expected "read-only" or "private"' })
    .optional()
    .describe("private: a writable copy-on-write view"),
  network: z
    .enum(["none", "host", "user"], { error: 'expected "none", "host" or "user"' })
    .optional()
    .describe(
      "host: the host's network (sandbox); user: outbound connections, but not to the host's loopback (minivm, microvm)",
    ),
});
