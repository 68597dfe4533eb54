/** What became of a document: bad luck, another version of pikaci, or somebody's hand. */
export interface Corruption {
  readonly what: string;
  /** What lies there now; null: a directory does. */
  readonly bytes: Buffer | null;
}

type Json = unknown;

/** Of any file: cut, emptied, filled with something else, replaced by a directory. */
export function wholeFile(bytes: Buffer): Corruption[] {
  return [
    { what: "cut in half", bytes: bytes.subarray(0, bytes.length >> 1) },
    { what: "emptied", bytes: Buffer.alloc(0) },
    { what: "filled with zeros", bytes: Buffer.alloc(Math.max(bytes.length, 16)) },
    { what: "garbage", bytes: Buffer.from("\xff\xfe{]\r\n\x1b[31m\0../../..\n".repeat(8), "latin1") },
    { what: "a directory", bytes: null },
  ];
}

/** Of a JSON document besides: another JSON value, and each field missing, of a wrong type, and from the future. */
export function jsonDocument(bytes: Buffer): Corruption[] {
  const value = parsed(bytes);
  if (value === undefined) return [];
  const others = ["null", "[]", "{}", '"text"', "7", '{"schema_version":99}'];
  return [
    ...others.map((text) => ({ what: `the value ${text}`, bytes: Buffer.from(text) })),
    ...fieldsOf(value).flatMap((path) => fieldCorruptions(value, path)),
  ];
}

export function corruptionsOf(bytes: Buffer): Corruption[] {
  return [...wholeFile(bytes), ...jsonDocument(bytes)];
}

function parsed(bytes: Buffer): Json | undefined {
  try {
    const value: Json = JSON.parse(bytes.toString("utf8"));
    return isObject(value) || Array.isArray(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const isObject = (value: Json): value is Readonly<Record<string, Json>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

type Path = readonly (string | number)[];

/** The first of a list stands for all of it. */
function fieldsOf(value: Json, at: Path = []): Path[] {
  const below = (key: string | number, inner: Json): Path[] => [
    [...at, key],
    ...fieldsOf(inner, [...at, key]),
  ];
  if (Array.isArray(value)) return value.length === 0 ? [] : below(0, value[0]);
  return isObject(value) ? Object.entries(value).flatMap(([key, inner]) => below(key, inner)) : [];
}

function fieldCorruptions(document: Json, path: Path): Corruption[] {
  const name = path.join(".");
  const change = (what: string, to: (value: Json) => Json) => ({
    what: `${name} ${what}`,
    bytes: Buffer.from(JSON.stringify(changed(document, path, to), null, 2)),
  });
  return [
    change("missing", () => undefined),
    change("of a wrong type", wrongType),
    change("from the future", future),
  ];
}

function changed(value: Json, [key, ...rest]: Path, to: (value: Json) => Json): Json {
  if (key === undefined) return to(value);
  if (Array.isArray(value))
    return value.flatMap((inner, at) => keep(at === key ? changed(inner, rest, to) : inner));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      keep(name === key ? changed(inner, rest, to) : inner).map((kept) => [name, kept] as const),
    ),
  );
}

const keep = (value: Json): Json[] => (value === undefined ? [] : [value]);

function wrongType(value: Json): Json {
  if (typeof value === "string") return { of: value };
  if (typeof value === "number") return String(value);
  if (typeof value === "boolean") return value ? "yes" : "";
  return value === null ? [7] : "text";
}

/** A word, a number or a member that no pikaci has written yet. */
function future(value: Json): Json {
  if (typeof value === "string") return "from-the-future";
  if (typeof value === "number") return value + 98.5;
  if (Array.isArray(value)) return [...value, { later: true }];
  return isObject(value) ? { ...value, "from-the-future": { later: true } } : { later: true };
}
