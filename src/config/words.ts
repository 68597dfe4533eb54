import * as z from "zod";
import { JOB_NAME, NAME } from "../core/ids.ts";
import { globMatcher } from "../tree/globs.ts";
import { complaint } from "./complaint.ts";
import { DURATION_PATTERN, parseDuration } from "./duration.ts";
import { only } from "./fields.ts";

const NAME_RULE =
  "a name has letters, digits, `.`, `_` and `-`, starts with a letter or a digit, and has at most 64 characters";
/** For text that becomes a word or an environment variable of a program. */
export const NO_NUL = /^[^\0]*$/;

/** A name that is safe as a file name and in a shell word. */
export const name = z.string().regex(NAME, NAME_RULE);
/** A job's name, or that of an instance of one. */
export const jobName = z.string().regex(JOB_NAME, NAME_RULE);
/** Text that a program can be given. */
export const text = z.string().regex(NO_NUL, "must not hold a NUL character");
const EMPTY = "must not be empty";
/** Text that is not empty. */
export const word = text.min(1, EMPTY);
/** A command. */
export const command = z.union([word, z.tuple([word], text)], {
  error: 'expected text for the shell, or a non-empty list of words, as in ["npm", "test"]',
});
/** A path on a host. */
export const absolutePath = z.string().regex(/^\/[^\0\n\r]*$/, "must be an absolute path, starting with `/`");

const DURATION_RULE = 'expected a duration: "90s", "10m", "1h30m", or milliseconds as a whole number above 0';
/** `"10m"`, or milliseconds. */
export const duration = z
  .union(
    [
      z.string().regex(DURATION_PATTERN, only(DURATION_RULE)),
      z.int(DURATION_RULE).positive(only(DURATION_RULE)),
    ],
    { error: DURATION_RULE },
  )
  .refine((value) => parseDuration(value) !== null, "must be longer than 0 and at most 24 days")
  .describe('"90s", "10m", "1h30m", or a whole number of milliseconds');

/** One glob over paths of the workspace. */
export const glob = text.min(1, only(EMPTY)).superRefine((value, check) => {
  const problem = complaint(() => globMatcher([value]));
  if (problem !== null) check.addIssue({ code: "custom", message: problem });
});
/** A list of globs over paths of the workspace. */
export const globs = z.array(glob, { error: 'expected a list of globs, as in ["src/**"]' });

/** Whether there is a .git. */
export const gitSwitch = z.boolean({ error: "expected true or false" });
