import { type JobName, parseJobName } from "../core/ids.ts";

/** In the order of the names: that of keys means nothing, and Nix has none. */
export function mapRecord<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In, name: JobName) => Out,
) {
  return Object.fromEntries(
    Object.entries(record)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, map(value, parseJobName(name))]),
  );
}
