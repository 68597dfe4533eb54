import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configJsonSchema } from "../src/config/json-schema.ts";

if (process.argv.length > 2) {
  console.log(
    "npx tsx scripts/schema.ts\n\nWrites schema/pikaci.schema.json anew from src/config/schema.ts.",
  );
} else {
  const path = join(import.meta.dirname, "../schema/pikaci.schema.json");
  writeFileSync(path, JSON.stringify(configJsonSchema()));
  execFileSync("npx", ["biome", "format", "--write", path], { stdio: ["ignore", "ignore", "inherit"] });
  console.log(`wrote ${path}`);
}
