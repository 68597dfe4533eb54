import * as z from "zod";
import { object } from "./fields.ts";
import { globs } from "./words.ts";

const COUNT_RULE = "expected a whole number from 1 to 256";
const count = z.int(COUNT_RULE).min(1, COUNT_RULE).max(256, COUNT_RULE);

const withFiles = object({
  count: count.describe("How many shards there are"),
  files: globs
    .min(1, "needs at least one glob")
    .describe("Globs of the files that are divided among the shards, by the times of earlier runs"),
});

/** Into how many jobs a job is divided, as it is written. */
export const shardsSchema = z.union([count, withFiles], {
  error: 'expected a number of shards, or { "count": 8, "files": ["test/**/*.test.ts"] }',
});

/** Parses `shards` with complaints about the one of its two forms that was written. */
export function checkShards(written: unknown) {
  return typeof written === "object" && written !== null && !Array.isArray(written)
    ? withFiles.safeParse(written)
    : shardsSchema.safeParse(written);
}
