import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { configJsonSchema } from "../../src/config/json-schema.ts";

const test = suite("JSON Schema");

test("schema/pikaci.schema.json is what the configuration's schema gives (else: npx tsx scripts/schema.ts)", () => {
  const file = readFileSync(join(import.meta.dirname, "../../schema/pikaci.schema.json"), "utf8");
  assert.equal(JSON.parse(file), JSON.parse(JSON.stringify(configJsonSchema())));
});

test.run();
