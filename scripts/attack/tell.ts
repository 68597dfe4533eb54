/** One attack, and what it achieved; nothing when pikaci resisted it. */
export interface Attacked {
  readonly name: string;
  readonly problems: readonly string[];
}

export function tell({ name, problems }: Attacked): void {
  const sign = problems.length === 0 ? "ok " : "BAD";
  console.log(
    [`${sign} ${name}`, ...problems.map((one) => `    ${one.replaceAll("\n", "\n    ")}`)].join("\n"),
  );
}

/** How many were bad. */
export const badOnes = (tried: readonly Attacked[]): number =>
  tried.filter(({ problems }) => problems.length > 0).length;
