import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

/** Programs that suites start, as paths from ROOT; the test script compiles them with the suites. */
export const CHILDREN: readonly string[] = [
  "examples/library/client.ts",
  "scripts/copy-closure.ts",
  "scripts/hash-snapshot.ts",
  "scripts/publish-snapshot.ts",
  "scripts/render-runner.ts",
  "examples/ci.ts",
  "test/faults/client.ts",
  "test/fixtures/suites/async-throws.ts",
  "test/fixtures/suites/before-throws.ts",
  "test/fixtures/suites/empty.ts",
  "test/fixtures/suites/ends-early.ts",
  "test/fixtures/suites/failing.ts",
  "test/fixtures/suites/forgotten-run.ts",
  "test/fixtures/suites/hangs.ts",
  "test/fixtures/suites/held-open.ts",
  "test/fixtures/suites/late-rejection.ts",
  "test/fixtures/suites/leaves-process.ts",
  "test/fixtures/suites/passing.ts",
  "test/lab/killed-owner.ts",
  "test/publish/publish-client.ts",
  "test/remote/ssh/client.ts",
  "test/report/play.ts",
  "test/tree/watching/limited.ts",
  "test/runs/durable-writer.ts",
  "test/runs/killed-client.ts",
  "test/system/key-opener.ts",
  "test/tree/manifest/store-writer.ts",
];

/** Where the test script keeps them compiled. */
export const CHILDREN_VARIABLE = "PIKACI_TEST_CHILDREN";

/** Node's words for one of them: as the test script compiled it, which starts in a quarter of the time, or as it is. */
export function childWords(file: string): readonly string[] {
  if (!CHILDREN.includes(file)) throw new Error(`${file} is not in scripts/suites/children.ts`);
  const compiled = process.env[CHILDREN_VARIABLE];
  if (compiled !== undefined) return ["--enable-source-maps", compiledIn(compiled, file)];
  return ["--import", import.meta.resolve("tsx"), join(ROOT, file)];
}

/** What `compileSuites` made of a file (a path from ROOT) in the directory that it gave. */
export function compiledIn(directory: string, file: string): string {
  return join(directory, file.replace(/\.ts$/, ".js"));
}
