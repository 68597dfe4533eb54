/** GitLab's own, where a file names none. */
const STAGES = ["build", "test", "deploy"];

/** The stages of a file, each with its place in their order. */
export function stagesOf(written: unknown): ReadonlyMap<string, number> {
  const isList = Array.isArray(written) && written.every((one) => typeof one === "string");
  const names: readonly string[] = isList ? written : STAGES;
  return new Map([".pre", ...names, ".post"].map((name, index) => [name, index]));
}

/** The jobs of the stages before that of a job; none where the file does not have its stage. */
export function jobsBefore(
  stage: string,
  jobs: ReadonlyMap<string, string>,
  stages: ReadonlyMap<string, number>,
): string[] {
  const place = stages.get(stage) ?? 0;
  return [...jobs].filter(([, other]) => (stages.get(other) ?? place) < place).map(([name]) => name);
}
