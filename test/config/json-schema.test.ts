import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { configReference } from "../../scripts/docs/config-reference.ts";
import { configJsonSchema, configKeys } from "../../src/config/json-schema.ts";

const test = suite("JSON Schema");

test("schema/pikaci.schema.json is what the configuration's schema gives (else: npx tsx scripts/schema.ts)", () => {
  const file = readFileSync(join(import.meta.dirname, "../../schema/pikaci.schema.json"), "utf8");
  assert.equal(JSON.parse(file), JSON.parse(JSON.stringify(configJsonSchema())));
});

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** The places of keys that say nothing of themselves. */
function silent(schema: Schema, place: string): string[] {
  const keys = Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    const own = inner.description === undefined ? [`${place}.${key}`] : [];
    return [...own, ...silent(inner, `${place}.${key}`)];
  });
  const { additionalProperties: others, items, anyOf = [] } = schema;
  const below = [...anyOf, ...(typeof others === "object" ? [others] : []), ...(items ? [items] : [])];
  return [...keys, ...below.flatMap((inner) => silent(inner, place))];
}

test("every key has a description: options in Nix are documented by it", () => {
  assert.equal(silent(configJsonSchema(), "config"), []);
});

test("docs/config-reference.md names every key of it (else: npx tsx scripts/schema.ts)", () => {
  const file = readFileSync(join(import.meta.dirname, "../../docs/config-reference.md"), "utf8");
  assert.is(file, configReference(configKeys()));
  for (const key of [
    "jobs.<name>.command` (required)",
    "hosts.<name>.url",
    "snapshot.allow[].rule",
    "jobs.<name>.timeout",
  ])
    assert.ok(file.includes(`| \`${key}`), key);
});

test("keys of alternatives say with which they go, and stand there once", () => {
  const backend = (...values: string[]) => ({ type: "string", enum: values, description: "What boots" });
  const text = { type: "string", description: "How much" };
  const page = configReference({
    properties: {
      runner: {
        anyOf: [
          backend("a", "b"),
          { properties: { backend: backend("a") }, required: ["backend"] },
          {
            properties: { backend: backend("b"), size: text, kernel: text },
            required: ["backend", "kernel"],
          },
          { properties: { backend: backend("c"), size: text }, required: ["backend"] },
        ],
      },
      thing: {
        anyOf: [
          { properties: { path: text }, required: ["path"] },
          { properties: { name: text, from: text }, required: ["name"] },
        ],
      },
    },
  });
  assert.equal(page.split("\n").slice(7, -1), [
    '| `runner` | `"a"`, `"b"` or anything |  |',
    '| `runner.backend` (required) | `"a"`, `"b"`, `"c"` | What boots |',
    '| `runner.size` | text | How much; with `backend` `"b"`, `"c"` |',
    '| `runner.kernel` (required) | text | How much; with `backend` `"b"` |',
    "| `thing` | anything |  |",
    "| `thing.path` (this or `name`) | text | How much |",
    "| `thing.name` (this or `path`) | text | How much |",
    "| `thing.from` | text | How much; with `name` |",
  ]);
});

test.run();
