import type { TestCase, TestProperty, TestSuite } from "../../runs/reports/suite.ts";

/** Suites of several shards, those of one name as one, in the order in which they come first. */
export function mergedSuites(suites: readonly TestSuite[]): TestSuite[] {
  const merged = new Map<string, { properties: TestProperty[]; cases: TestCase[] }>();
  for (const { name, properties, cases } of suites) {
    const known = merged.get(name) ?? { properties: [], cases: [] };
    merged.set(name, known);
    for (const one of cases) known.cases.push(one);
    for (const one of properties)
      if (!known.properties.some((other) => other.name === one.name && other.value === one.value))
        known.properties.push(one);
  }
  return [...merged].map(([name, suite]) => ({ name, ...suite }));
}
