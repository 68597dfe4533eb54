/** Shorter values are not masked: they would take half of every log with them. */
export const SHORTEST_SECRET = 4;

/** What stands for a secret wherever it would be shown. */
export const MASK = "***";

/**
 * What must not be shown of secrets with these values: bytes of UTF-8, each text once, the longest first. The one rule,
 * for the client and for what masks logs on hosts. Of a value of several lines each line counts too, as logs are read by lines.
 */
export function secretTexts(values: readonly string[]): Buffer[] {
  const parts = values.flatMap((value) => [value, value.trim(), ...value.split(/\r?\n/)]);
  return [...new Set(parts)]
    .filter((part) => part.length >= SHORTEST_SECRET)
    .map((part) => Buffer.from(part, "utf8"))
    .toSorted((a, b) => b.length - a.length);
}
