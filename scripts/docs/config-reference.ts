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
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    keyRows(inner, path === "" ? name : `${path}.${name}`, isNeeded(schema, name) ? " (required)" : ""),
  );
}

function keyRows(schema: Schema, key: string, label: string, only = ""): string[] {
  const row = `| \`${key}\`${label} | ${cell(takes(schema))} | ${cell(`${schema.description ?? ""}${only}`)} |`;
  return [row, ...below(schema, key)];
}

function below(schema: Schema, path: string): string[] {
  const map = typeof schema.additionalProperties === "object" ? schema.additionalProperties : null;
  const items = schema.items === undefined ? [] : rowsOf(schema.items, `${path}[]`);
  const entries =
    map === null
      ? []
      : [...rowsOf(map, `${path}.<name>`), ...below({ anyOf: map.anyOf ?? [] }, `${path}.<name>`)];
  return [...rowsOf(schema, path), ...alternativeRows(schema.anyOf ?? [], path), ...items, ...entries];
}

/** The keys of objects one of which stands at `path`, each with when it may: the one that all need tells them apart. */
function alternativeRows(all: readonly Schema[], path: string): string[] {
  const objects = all.filter((one) => one.properties !== undefined);
  const names = [...new Set(objects.flatMap(({ properties }) => Object.keys(properties ?? {})))];
  const having = (name: string) => objects.filter((one) => one.properties?.[name] !== undefined);
  const shared = names.filter((name) => having(name).length === objects.length);
  const telling = shared.filter((name) => objects.every((one) => isNeeded(one, name)));
  const own = names
    .filter((name) => !shared.includes(name))
    .flatMap((name) =>
      alikeIn(having(name), name).map((owners) => ownRow(owners, name, path, telling, objects)),
    );
  return [...shared.flatMap((name) => sharedRow(objects, name, path)), ...own.flat()];
}

/** Objects in groups in which the key means the same. */
function alikeIn(objects: readonly Schema[], name: string): Schema[][] {
  const groups = new Map<string, Schema[]>();
  for (const one of objects) {
    const text = JSON.stringify(one.properties?.[name]);
    groups.set(text, [...(groups.get(text) ?? []), one]);
  }
  return [...groups.values()];
}

function ownRow(
  owners: readonly Schema[],
  name: string,
  path: string,
  telling: readonly string[],
  all: readonly Schema[],
): string[] {
  const [first = {}] = owners;
  const others = all.filter((one) => !owners.includes(one)).flatMap(({ required = [] }) => required);
  const instead = others.filter((other) => !telling.includes(other)).map((other) => `\`${other}\``);
  const needed = owners.every((one) => isNeeded(one, name));
  const or = instead.length === 0 ? " (required)" : ` (this or ${instead.join(" or ")})`;
  const values = telling.map(
    (one) => `\`${one}\` ${owners.map((owner) => takes(owner.properties?.[one] ?? {})).join(", ")}`,
  );
  const beside = telling.length > 0 ? values : (first.required ?? []).map((one) => `\`${one}\``);
  const when = needed && telling.length === 0 ? "" : `; with ${beside.join(" and ")}`;
  return keyRows(first.properties?.[name] ?? {}, `${path}.${name}`, needed ? or : "", when);
}

function sharedRow(objects: readonly Schema[], name: string, path: string): string[] {
  const each = objects.flatMap(({ properties }) => properties?.[name] ?? []);
  const [first = {}] = each;
  const values = each.flatMap((one) => one.enum ?? (one.const === undefined ? [] : [one.const]));
  const merged = values.length > 0 ? { ...first, enum: values } : { ...first, anyOf: each };
  const needed = objects.every((one) => isNeeded(one, name));
  return keyRows(merged, `${path}.${name}`, needed ? " (required)" : "");
}

function isNeeded({ required = [] }: Schema, name: string): boolean {
  return required.includes(name);
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
