import { parse } from "yaml";
import { z } from "zod";

const text = z.string().catch("");
const count = z.number().nonnegative().nullable().catch(null);

/** Characters. */
const LONGEST_ENTRY = 4000;

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

/** Reads a YAML block; of an entry that is broken, nothing is known. */
export function readTapYaml(lines: readonly string[]): TapFacts {
  const entries = knownEntries(lines).map(parsed);
  const known = block.safeParse(Object.assign({}, ...entries)).data ?? {};
  const place = placeOf(known.location || known.at || "");
  const milliseconds = known.duration_ms ?? null;
  return {
    message: known.message || known.error || "",
    seconds: milliseconds === null ? null : milliseconds / 1000,
    file: known.file || place.file,
    line: known.file ? (known.line ?? null) : (known.line ?? place.line),
  };
}

/**
 * The entries with keys that count, each with the first of its lines. A block is the guest's and may be large; what the
 * parser is given must not be, since it takes the square of an entry's length for some.
 */
function knownEntries(lines: readonly string[]): string[] {
  const entries: { text: string; isFull: boolean }[] = [];
  const indent = Math.max(0, lines.find((line) => line.trim() !== "")?.search(/\S/) ?? 0);
  for (const whole of lines) {
    const line = whole.slice(Math.min(indent, whole.search(/\S|$/)));
    const key = /^(["']?)([A-Za-z_]+)\1\s*:/.exec(line)?.[2];
    if (key !== undefined && Object.hasOwn(block.shape, key)) entries.push({ text: "", isFull: false });
    else if (/^[^\s#]/.test(line)) entries.push({ text: "", isFull: true });
    const entry = entries.at(-1);
    if (entry === undefined) continue;
    entry.isFull ||= entry.text.length + line.length > LONGEST_ENTRY;
    if (!entry.isFull) entry.text += `${line}\n`;
  }
  return entries.flatMap(({ text }) => (text === "" ? [] : text));
}

function parsed(entry: string): unknown {
  try {
    return parse(entry, { logLevel: "error" });
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
