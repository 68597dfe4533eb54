/** A test of a job as its report tells it; the texts are the guest's. */
export interface ReportedTest {
  readonly suite: string;
  readonly name: string;
  readonly outcome: "passed" | "failed" | "error" | "skipped";
  readonly ms: number | null;
}

/** More tests of one job in one run are not looked at. */
const MOST_TESTS = 20_000;

const LONGEST = 500;

const RANK = ["skipped", "passed", "failed", "error"] as const;

/** Tests as they are stored: one of each name, with the worst outcome and the sum of the times of all that share it. */
export function distinctTests(tests: readonly ReportedTest[]): readonly ReportedTest[] {
  const found = new Map<string, ReportedTest>();
  for (const test of tests.slice(0, MOST_TESTS)) {
    const [suite, name] = [storable(test.suite), storable(test.name)];
    const key = `${suite}\0${name}`;
    const before = found.get(key);
    found.set(key, before === undefined ? { ...test, suite, name } : merged(before, test));
  }
  return [...found.values()];
}

function merged(one: ReportedTest, other: ReportedTest): ReportedTest {
  const outcome = RANK[Math.max(RANK.indexOf(one.outcome), RANK.indexOf(other.outcome))] ?? one.outcome;
  const ms = one.ms === null && other.ms === null ? null : (one.ms ?? 0) + (other.ms ?? 0);
  return { ...one, outcome, ms };
}

/** SQLite's texts end at a zero byte. */
function storable(text: string): string {
  return text.replaceAll("\0", "\u{fffd}").slice(0, LONGEST);
}
