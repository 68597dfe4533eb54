import * as z from "zod";
import { guardRuleNames } from "../core/guard-rules.ts";
import { closest } from "../core/suggest.ts";
import { parseInstallable } from "../nix/installable.ts";
import { globMatcher } from "../tree/globs.ts";
import { complaint } from "./complaint.ts";
import { DURATION_PATTERN, parseDuration } from "./duration.ts";
import { object, only, size } from "./fields.ts";
import { runnerSchema } from "./runner-schema.ts";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const NAME_RULE =
  "a name has letters, digits, `.`, `_` and `-`, starts with a letter or a digit, and has at most 64 characters";
const NO_NUL = /^[^\0]*$/;

const name = z.string().regex(NAME, NAME_RULE);
const text = z.string().regex(NO_NUL, "must not hold a NUL character");
const EMPTY = "must not be empty";
const word = text.min(1, EMPTY);
const absolutePath = z.string().regex(/^\/[^\0\n\r]*$/, "must be an absolute path, starting with `/`");

const DURATION_RULE = 'expected a duration: "90s", "10m", "1h30m", or milliseconds as a whole number above 0';
const duration = z
  .union(
    [
      z.string().regex(DURATION_PATTERN, only(DURATION_RULE)),
      z.int(DURATION_RULE).positive(only(DURATION_RULE)),
    ],
    { error: DURATION_RULE },
  )
  .refine((value) => parseDuration(value) !== null, "must be longer than 0 and at most 24 days")
  .describe('"90s", "10m", "1h30m", or a whole number of milliseconds');

const glob = text.min(1, only(EMPTY)).superRefine((value, check) => {
  const problem = complaint(() => globMatcher([value]));
  if (problem !== null) check.addIssue({ code: "custom", message: problem });
});
const globs = z.array(glob, { error: 'expected a list of globs, as in ["src/**"]' });

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

const installable = z.string().superRefine((value, check) => {
  const problem = complaint(() => parseInstallable(value));
  if (problem !== null) check.addIssue({ code: "custom", message: problem });
});

const at = z
  .union([text, z.array(text)])
  .optional()
  .describe("Where below /workspace it is mounted too: a relative path, or a list of them");

const preparedOutput = z
  .union(
    [
      installable,
      object({
        path: word.describe("Path of the client, relative to the workspace or absolute"),
        exclude: z
          .array(text)
          .optional()
          .describe(
            "Globs below the path of what is left out of it; default `.vite`, `.vite-temp` and `.cache` at the top of every `node_modules`",
          ),
        at,
      }),
      object({
        installable: installable.describe("Flake output of the workspace: [dir]#attribute"),
        from: z
          .enum(["host", "local"], { error: 'expected "host" or "local"' })
          .optional()
          .describe("Who builds it; local: this machine, which sends it; default host"),
        at,
      }),
    ],
    {
      error: 'expected "dir#attr", { "path": "node_modules" } or { "installable": "dir#attr" }',
    },
  )
  .describe("A flake output of the workspace, or a path of the client, mounted at /prepared/<name>");

/** Linux takes no longer word of `NAME=value` for a program (MAX_ARG_STRLEN, less the name). */
const LONGEST_VALUE = 128_000;

const count = z.int().min(1).max(1_000_000);
const jobLimits = object({
  memory: size.optional().describe("Memory of all the job's processes together"),
  processes: count.optional().describe("Processes and threads at the same time"),
  fileSize: size.optional().describe("Size of any one file that the job writes"),
  openFiles: count.optional().describe("Open files of any one process"),
});

const environment = z.record(
  z
    .string()
    .regex(
      /^[A-Za-z_][A-Za-z0-9_]*$/,
      "an environment variable's name has letters, digits and `_` and starts with no digit",
    ),
  z
    .string({ error: "expected text: write the value in quotes" })
    .regex(NO_NUL, "must not hold a NUL character")
    .refine((value) => Buffer.byteLength(value) <= LONGEST_VALUE, {
      error: "is too long for a program's environment (128 kB); put it into a file of the workspace",
    }),
);

const gitSwitch = z.boolean({ error: "expected true or false" });

const job = object({
  description: z.string().optional().describe("For people"),
  command: z
    .union([word, z.tuple([word], text)], {
      error: 'expected text for the shell, or a non-empty list of words, as in ["npm", "test"]',
    })
    .describe("Text for /bin/sh, or a list of words that no shell reads"),
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
  silence: duration.optional().describe("How long the command may print nothing; default: no limit"),
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

const target = object({
  description: z.string().optional().describe("For people"),
  filters: globs.optional().describe("Run only when a changed file matches one of these globs"),
  jobs: z.array(name).describe("Names of jobs; only with `checks` it may be empty"),
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
    .record(name, job)
    .describe("What runs, each in a guest of its own; only with `checks` it may be empty"),
});

/** A configuration as it is written; docs/config-reference.md. What is left out has a default. */
export type ConfigInput = z.input<typeof configSchema>;
/** A configuration that was checked; defaults that depend on other keys are still to be filled in. */
export type Config = z.output<typeof configSchema>;
