import * as z from "zod";
import { MOST_RETRIES } from "../core/job.ts";
import { text } from "./words.ts";

const RETRIES_RULE = `expected a whole number from 1 to ${MOST_RETRIES}; leave it out for none`;

/** How often a job that fails runs again. */
export const retries = z
  .int(RETRIES_RULE)
  .min(1, RETRIES_RULE)
  .max(MOST_RETRIES, RETRIES_RULE)
  .optional()
  .describe("How often a job that fails or times out runs again; passing later is `flaky`; default never");

/** Names of tests, with `*` for any text. */
export const quarantine = z
  .array(
    text
      .min(1, "must not be empty")
      .refine(
        (pattern) => /[^*\s>]/.test(pattern),
        "must name tests, not all of them: a job whose failures never count needs no tests",
      ),
    { error: 'expected a list of tests, as in ["tests/db.test.ts > connects*"]' },
  )
  .optional()
  .describe(
    "Tests that may fail, as `CLASS > NAME` or `FILE > NAME` of the job's JUnit and TAP files, with * for any text: when only these fail, the job is `flaky`",
  );
