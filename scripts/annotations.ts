import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { placesPage } from "../test/report/places/page.ts";

if (process.argv.length > 2) {
  console.log(
    "npx tsx scripts/annotations.ts\n\nWrites docs/annotations.md anew: what tools print, and what is annotated.",
  );
} else {
  const path = join(import.meta.dirname, "../docs/annotations.md");
  writeFileSync(path, placesPage());
  console.log(`wrote ${path}`);
}
