import { z } from "zod";
import { InfraError } from "../core/errors.ts";
import { parseStorePath, type StorePath } from "../core/ids.ts";
import type { PreparedOutput } from "../core/model.ts";

/** `prepared/<key>/record.json` of the host: what was realised, with Nix's own JSON. */
export interface OutputRecord {
  readonly key: string;
  readonly store_path: StorePath;
  readonly nix: unknown;
}

const recordSchema = z.looseObject({
  schema_version: z.literal(1),
  key: z.string(),
  store_path: z.string(),
  nix: z.unknown(),
});
const outcomeSchema = z.enum(["built", "copied", "reused"]);

export interface Answer {
  readonly outcome: PreparedOutput["outcome"];
  readonly record: OutputRecord;
}

/** The body of a `prepared` frame: the outcome, a newline, the record. InfraError when it is anything else. */
export function parseAnswer(body: Buffer): Answer {
  const text = body.toString("utf8");
  const end = text.indexOf("\n");
  try {
    const outcome = outcomeSchema.parse(text.slice(0, end));
    const { key, store_path, ...rest } = recordSchema.parse(JSON.parse(text.slice(end + 1)));
    return { outcome, record: { ...rest, key, store_path: parseStorePath(store_path) } };
  } catch (cause) {
    throw new InfraError("host", "a record of a prepared output cannot be read", {
      hint: "remove `prepared/` in the host's work dir and run the command again",
      cause,
    });
  }
}
