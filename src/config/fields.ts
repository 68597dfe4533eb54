import * as z from "zod";
import { closest } from "../core/suggest.ts";
import { parseSize, SIZE_PATTERN } from "./size.ts";

/** A strict object whose complaint about an unknown key names the key that was probably meant. */
export function object<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  const explain = (keys: readonly string[]) =>
    keys.map((key) => {
      const guess = closest(key, known);
      return `unknown key ${JSON.stringify(key)}; ${guess === null ? `known keys: ${known.join(", ")}` : `did you mean ${JSON.stringify(guess)}?`}`;
    });
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? explain(issue.keys).join("\n") : undefined),
  });
}

/** Ends the checks of a value, so that one mistake is one complaint. */
export const only = (error: string) => ({ error, abort: true });

const SIZE_RULE = 'expected a size: "100MiB", "2GB", or a whole number of bytes above 0';
/** `"100MiB"`, or bytes. */
export const size = z
  .union([z.string().regex(SIZE_PATTERN, only(SIZE_RULE)), z.int(SIZE_RULE).positive(only(SIZE_RULE))], {
    error: SIZE_RULE,
  })
  .refine((value) => parseSize(value) !== null, "must be above 0 and below 8 PiB");
