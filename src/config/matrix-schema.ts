import * as z from "zod";
import { text } from "./words.ts";

const KEY_RULE = "a key of a matrix has letters, digits, `_` and `-`, and starts with a letter or `_`";
const key = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, KEY_RULE);

const VALUE_RULE = "expected text, a number, true or false";
const value = z.union([text, z.number(), z.boolean()], { error: VALUE_RULE });

const NAMED_RULE =
  "stands in the names of jobs, and may have letters, digits, `.`, `_`, `+`, `@` and `-`; give it a short name here, and the text by `include`";
/** A value of an axis: every name of an instance has one. */
const named = z.union([text.regex(/^[A-Za-z0-9._+@-]+$/, NAMED_RULE), z.number(), z.boolean()], {
  error: VALUE_RULE,
});

const axis = z
  .array(named, { error: "expected a list of values, as in [20, 22]" })
  .min(1, "needs at least one value");

const entries = z.array(
  z
    .record(key, value, { error: 'expected an object, as in { "node": 20 }' })
    .refine((entry) => Object.keys(entry).length > 0, "needs at least one key"),
  { error: 'expected a list of objects, as in [{ "node": 20 }]' },
);

/** The values of a job's instances, as they are written; docs/matrix-and-shards.md. */
export const matrixSchema = z
  .object(
    {
      exclude: entries
        .optional()
        .describe("Combinations that are left out: those that have all values of an entry"),
      include: entries
        .optional()
        .describe(
          "Each entry adds values to the combinations that it agrees with, or is an instance of its own where there is none",
        ),
    },
    { error: 'expected an object, as in { "node": [20, 22] }' },
  )
  .catchall(axis)
  .superRefine((matrix, check) => {
    for (const name of Object.keys(matrix))
      if (!key.safeParse(name).success) check.addIssue({ code: "custom", path: [name], message: KEY_RULE });
  });

/** One value of a matrix. */
export type MatrixValue = z.output<typeof value>;
/** Values of an instance by their keys. */
export type MatrixValues = Readonly<Record<string, MatrixValue>>;

/** `matrix` as a configuration in TypeScript writes it. */
export interface MatrixInput {
  readonly [key: string]: readonly MatrixValue[] | readonly MatrixValues[];
}
