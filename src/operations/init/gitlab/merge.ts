type Mapping = Readonly<Record<string, unknown>>;

/** What GitLab allows, and the end of a circle. */
const DEEPEST = 11;

/** What was merged already, by depth and name: jobs share what they extend. */
type Known = Map<string, Mapping | null>;

/** A job with all that it extends: mappings are merged, anything else is replaced; null when a name is not there, or too deep. */
export function extended(name: string, all: Mapping, known: Known, depth = 0): Mapping | null {
  const key = `${depth}:${name}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = merge(name, all, known, depth);
  known.set(key, made);
  return made;
}

function merge(name: string, all: Mapping, known: Known, depth: number): Mapping | null {
  const own = Object.hasOwn(all, name) ? all[name] : undefined;
  if (!isMapping(own) || depth > DEEPEST) return null;
  const { extends: from, ...rest } = own;
  let made: Mapping = {};
  for (const one of [from ?? []].flat()) {
    const base = typeof one === "string" ? extended(one, all, known, depth + 1) : null;
    if (base === null) return null;
    made = merged(made, base);
  }
  return merged(made, rest);
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function merged(below: Mapping, above: Mapping): Mapping {
  const both = Object.entries(above).map(([key, value]) => {
    const old = Object.hasOwn(below, key) ? below[key] : undefined;
    return [key, isMapping(old) && isMapping(value) ? merged(old, value) : value];
  });
  return { ...below, ...Object.fromEntries(both) };
}
