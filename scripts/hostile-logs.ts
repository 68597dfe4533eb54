import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostilePage } from "../test/report/ci/hostile.ts";

if (process.argv.length > 2) {
  console.log(
    "npx tsx scripts/hostile-logs.ts\n\nWrites docs/hostile-logs.md anew: what hostile logs print, and what is shown.",
  );
} else {
  const path = join(import.meta.dirname, "../docs/hostile-logs.md");
  writeFileSync(path, hostilePage());
  console.log(`wrote ${path}`);
}
