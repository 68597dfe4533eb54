import * as z from "zod";
import { NO_NUL } from "./words.ts";

/** Linux takes no longer word of `NAME=value` for a program (MAX_ARG_STRLEN, less the name). */
const LONGEST_VALUE = 128_000;

/** Environment variables of a command. */
export const environment = z.record(
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
