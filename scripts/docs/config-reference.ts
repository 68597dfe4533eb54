interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly description?: string;
}

/** docs/config-reference.md: every key of the configuration's JSON Schema, with what it takes and what it means. */
export function configReference(schema: Schema): string {
  return `# Every key of the configuration

Made from the schema by \`npx tsx scripts/schema.ts\`; a test compares. [configuration.md](configuration.md) explains
them in context.

| key | takes | meaning |
| --- | --- | --- |
${rowsOf(schema, "").join("\n")}
`;
}

function rowsOf(schema: Schema, path: string): string[] {
  const keys = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const key = path === "" ? name : `${path}.${name}`;
    const needed = schema.required?.includes(name) ? " (required)" : "";
    return [
      `| \`${key}\`${needed} | ${cell(takes(inner))} | ${cell(inner.description ?? "")} |`,
      ...below(inner, key),
    ];
  });
  return keys;
}

function below(schema: Schema, path: string): string[] {
  const map = typeof schema.additionalProperties === "object" ? schema.additionalProperties : null;
  const alternatives = (schema.anyOf ?? []).flatMap((one) => rowsOf(one, path));
  const items = schema.items === undefined ? [] : rowsOf(schema.items, `${path}[]`);
  const entries =
    map === null
      ? []
      : [...rowsOf(map, `${path}.<name>`), ...below({ anyOf: map.anyOf ?? [] }, `${path}.<name>`)];
  const rows = [...rowsOf(schema, path), ...alternatives, ...items, ...entries];
  return rows.filter((row, index) => rows.indexOf(row) === index);
}

function takes(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${JSON.stringify(one)}\``).join(", ");
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(takes))].join(" or ");
  switch (schema.type) {
    case "string":
      return "text";
    case "integer":
      return "a whole number";
    case "array":
      return schema.prefixItems === undefined ? `a list of ${takes(schema.items ?? {})}` : "a list of text";
    case "object":
      return "an object";
    default:
      return schema.type ?? "anything";
  }
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
