import * as z from "zod";
import { configSchema } from "./schema.ts";
import { name } from "./words.ts";

type JsonSchema = z.core.JSONSchema.JSONSchema;
type Inner = z.core.JSONSchema._JSONSchema;

/** What may stand for a value where the schema takes no free text. */
const REFERENCE = { type: "string", pattern: "^\\$\\{matrix\\.[A-Za-z_][A-Za-z0-9_-]*\\}$" } as const;

/** JSON Schema of a configuration, for editors: what `schema/pikaci.schema.json` holds. */
export function configJsonSchema(): object {
  const { properties = {}, ...schema } = plainSchema();
  const { jobs, ...others } = properties;
  if (!isSchema(jobs) || !isSchema(jobs.additionalProperties)) throw new Error("the schema has no jobs");
  const { matrix, ...keys } = jobs.additionalProperties.properties ?? {};
  const job = {
    ...jobs.additionalProperties,
    properties: { ...mapped(keys), ...(matrix === undefined ? {} : { matrix }) },
  };
  const named = { ...jobs, propertyNames: z.toJSONSchema(name), additionalProperties: job };
  return { ...schema, properties: { ...others, jobs: named } };
}

/** The schema without references to a matrix: each key with what it is in the end. */
export function configKeys(): object {
  return plainSchema();
}

function plainSchema(): JsonSchema {
  return { title: "pikaci configuration", ...z.toJSONSchema(configSchema, { io: "input" }) };
}

/** The schema that also takes a reference wherever it takes a single value. */
function withReferences(schema: JsonSchema): JsonSchema {
  const { description, ...rest } = schema;
  const said = description === undefined ? {} : { description };
  if (schema.anyOf !== undefined) {
    const anyOf = schema.anyOf.map((one) => (isSingle(one) ? one : withReferences(one)));
    const takes = !schema.anyOf.some(isSingle) || schema.anyOf.some(isText);
    return { ...schema, anyOf: takes ? anyOf : [...anyOf, REFERENCE] };
  }
  if (isSingle(schema)) return isText(schema) ? schema : { anyOf: [rest, REFERENCE], ...said };
  return {
    ...schema,
    ...(schema.properties === undefined ? {} : { properties: mapped(schema.properties) }),
    ...(isSchema(schema.items) ? { items: withReferences(schema.items) } : {}),
    ...(isSchema(schema.additionalProperties)
      ? { additionalProperties: withReferences(schema.additionalProperties) }
      : {}),
  };
}

function mapped(properties: Readonly<Record<string, Inner>>): Record<string, Inner> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, isSchema(value) ? withReferences(value) : value]),
  );
}

/** A value that is no list and no object. */
function isSingle(schema: Inner): boolean {
  if (!isSchema(schema)) return false;
  return (
    schema.const !== undefined ||
    schema.enum !== undefined ||
    ["string", "boolean", "integer", "number"].some((type) => type === schema.type)
  );
}

/** Text of a form that a reference has, too. */
function isText(schema: Inner): boolean {
  if (!isSchema(schema) || schema.type !== "string") return false;
  if (schema.enum !== undefined || schema.const !== undefined) return false;
  return schema.pattern === undefined || new RegExp(schema.pattern).test(`\${matrix.key}`);
}

function isSchema(schema: unknown): schema is JsonSchema {
  return typeof schema === "object" && schema !== null;
}
