import { InfraError } from "../core/errors.ts";
import type { PreparedOutput } from "../core/prepared.ts";
import { type OutputRecord, outputRecordSchema, prepareOutcomeSchema } from "../core/prepared.ts";

interface Answer {
  readonly outcome: PreparedOutput["outcome"];
  readonly record: OutputRecord;
}

/** The body of a `prepared` frame: the outcome, a newline, the record. InfraError when it is anything else. */
export function parseAnswer(body: Buffer): Answer {
  const text = body.toString("utf8");
  const end = text.indexOf("\n");
  try {
    const outcome = prepareOutcomeSchema.parse(text.slice(0, end));
    return { outcome, record: outputRecordSchema.parse(JSON.parse(text.slice(end + 1))) };
  } catch (cause) {
    throw new InfraError("host", "a record of a prepared output cannot be read", {
      hint: "remove `prepared/` in the host's work dir and run the command again",
      cause,
    });
  }
}
