/** One attack, and what it got, a line or more each; nothing when pikaci held. */
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
