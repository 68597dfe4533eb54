import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandReference, commandTable, withTable } from "./docs/commands.ts";

if (process.argv.length > 2) {
  console.log(
    "npx tsx scripts/docs.ts\n\nWrites docs/commands.md and README.md's table of commands anew from src/commands/table.ts.",
  );
} else {
  const root = join(import.meta.dirname, "..");
  const readme = join(root, "README.md");
  writeFileSync(join(root, "docs/commands.md"), commandReference());
  writeFileSync(readme, withTable(readFileSync(readme, "utf8"), commandTable()));
  console.log("wrote docs/commands.md and README.md");
}
