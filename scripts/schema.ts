import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configJsonSchema, configKeys } from "../src/config/json-schema.ts";
import { eventJsonSchema } from "../src/runs/event-schema.ts";
import { configReference } from "./docs/config-reference.ts";

const SCHEMAS = {
  "schema/pikaci.schema.json": configJsonSchema,
  "docs/events.schema.json": eventJsonSchema,
};

const REFERENCE = "docs/config-reference.md";

if (process.argv.length > 2) {
  console.log(
    "npx tsx scripts/schema.ts\n\nWrites schema/pikaci.schema.json anew from src/config/schema.ts, docs/config-reference.md\nfrom both, and docs/events.schema.json from src/runs/event-schema.ts.",
  );
} else {
  for (const [name, schema] of Object.entries(SCHEMAS)) {
    const path = join(import.meta.dirname, "..", name);
    writeFileSync(path, JSON.stringify(schema()));
    execFileSync("npx", ["biome", "format", "--write", path], { stdio: ["ignore", "ignore", "inherit"] });
    console.log(`wrote ${path}`);
  }
  const reference = join(import.meta.dirname, "..", REFERENCE);
  writeFileSync(reference, configReference(configKeys()));
  console.log(`wrote ${reference}`);
}
