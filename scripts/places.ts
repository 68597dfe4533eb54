import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { placesPage } from "../test/report/places/page.ts";

if (process.argv.length > 2) {
  console.log(
    "npx tsx scripts/places.ts\n\nWrites docs/places.md anew: what tools print, and which places are shown.",
  );
} else {
  const path = join(import.meta.dirname, "../docs/places.md");
  writeFileSync(path, placesPage());
  console.log(`wrote ${path}`);
}
