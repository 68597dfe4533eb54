/** JSON with sorted keys, so that equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (isPlain(inner) ? sortKeys(inner) : inner));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns an object without a prototype, so that no name is special. */
function sortKeys(record: Readonly<Record<string, unknown>>): object {
  const sorted: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(record).sort()) sorted[name] = record[name];
  return sorted;
}
