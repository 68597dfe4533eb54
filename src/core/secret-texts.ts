/** Shorter values are not masked, since they occur in every log by chance. */
export const SHORTEST_SECRET = 4;

/** What is shown in place of a secret. */
export const MASK = "***";

/**
 * The texts to mask for secrets with these values: as UTF-8, each once, the longest first. Client and hosts both mask by
 * this rule. Each line of a value with several lines is masked, too, since logs are read by lines.
 */
export function secretTexts(values: readonly string[]): Buffer[] {
  const parts = values.flatMap((value) => [value, value.trim(), ...value.split(/\r?\n/)]);
  return [...new Set(parts)]
    .filter((part) => part.length >= SHORTEST_SECRET)
    .map((part) => Buffer.from(part, "utf8"))
    .toSorted((a, b) => b.length - a.length);
}
