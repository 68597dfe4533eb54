import { parse } from "yaml";
import { z } from "zod";

const text = z.string().catch("");
const count = z.number().nonnegative().nullable().catch(null);

/** What producers call these in a YAML block, the ones of TAP 13 and those of node, tap, tape and AVA. */
const block = z
  .object({
    message: text,
    error: z.union([z.string(), z.object({ message: text }).transform((error) => error.message)]).catch(""),
    duration_ms: count,
    file: text,
    line: count,
    location: text,
    at: z
      .union([
        z.string(),
        z
          .object({ fileName: text, lineNumber: count })
          .transform((at) => `${at.fileName}:${at.lineNumber ?? ""}`),
      ])
      .catch(""),
  })
  .partial();

/** What a test's YAML block tells; null or empty where it doesn't. */
interface TapFacts {
  readonly message: string;
  readonly seconds: number | null;
  readonly file: string | null;
  readonly line: number | null;
}

/** Reads a YAML block; of one that is broken, nothing is known. */
export function readTapYaml(lines: readonly string[]): TapFacts {
  const known = block.safeParse(parsed(lines.join("\n"))).data ?? {};
  const place = placeOf(known.location || known.at || "");
  const milliseconds = known.duration_ms ?? null;
  return {
    message: known.message || known.error || "",
    seconds: milliseconds === null ? null : milliseconds / 1000,
    file: known.file || place.file,
    line: known.file ? (known.line ?? null) : (known.line ?? place.line),
  };
}

function parsed(yaml: string): unknown {
  try {
    return parse(yaml, { logLevel: "error" });
  } catch {
    return null;
  }
}

/** `file:line:column`, `file:line`, or either in the parentheses of a stack frame; not in what the project only uses. */
function placeOf(words: string): { readonly file: string | null; readonly line: number | null } {
  const word = /\(([^()]+)\)\s*$/.exec(words)?.[1] ?? words;
  const found = /^(.+?):(\d+)(?::\d+)?$/.exec(word.trim());
  const isOwn = found !== null && !/^node:|\/node_modules\//.test(found[1] ?? "");
  return isOwn ? { file: found[1] ?? null, line: Number(found[2]) } : { file: null, line: null };
}
