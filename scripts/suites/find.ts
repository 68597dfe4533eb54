import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSuite, type Suite } from "./suite.ts";

/** Every `test/**` file named `*.test.ts` whose path contains one of `filters` (all, if there are none). */
export function findSuites(root: string, filters: readonly string[]): Suite[] {
  const names = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" });
  return names
    .map((name) => join("test", name))
    .filter((file) => file.endsWith(".test.ts") && !file.startsWith("test/fixtures/"))
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .sort()
    .map((file) => parseSuite(file, readFileSync(join(root, file), "utf8")));
}
