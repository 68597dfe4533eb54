/** What a job of a CI file has and this does not read, in one note. */
export function untaken(job: unknown, known: readonly string[]): string[] {
  const keys = typeof job === "object" && job !== null ? Object.keys(job) : [];
  const lost = keys.filter((key) => !known.includes(key));
  return lost.length === 0 ? [] : [`not taken: ${lost.join(", ")}`];
}
