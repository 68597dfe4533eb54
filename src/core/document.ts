import * as z from "zod";
import { PikaciError } from "./errors.ts";

type Immutable<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : { readonly [Key in keyof T]: Immutable<T[Key]> };

/** A parsed document: the schema's output, deeply read-only. */
export type DocumentOf<Schema extends z.ZodType> = Immutable<z.output<Schema>>;

/** The schema of a string that has a parser in core/ids.ts. */
export function ruled<T>(parse: (text: string) => T) {
  return z.string().transform((text, check) => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof PikaciError)) throw error;
      check.addIssue({ code: "custom", message: error.message });
      return z.NEVER;
    }
  });
}

/** The first thing that is wrong with a document, in one line: where it is and what it is. */
export function firstIssue(error: z.ZodError, document: string): string {
  const [first] = error.issues;
  return `${first?.path.join(".") || document}: ${first?.message ?? "invalid"}`;
}
