import { join } from "node:path";
import { z } from "zod";
import type { Context } from "../core/context.ts";
import type { HostSpec } from "../core/project.ts";
import { readJson, writeJson } from "../system/client-files.ts";

const FILE = "host-systems.json";
const LIMIT = 100;
const schema = z.object({ schema_version: z.literal(1), systems: z.record(z.string(), z.string()) });

type Place = Pick<Context, "memory">;

/** The Nix platform that a host had when it was last asked; null when this machine does not remember. */
export function knownSystem({ url }: Pick<HostSpec, "url">, place: Place): string | null {
  return readSystems(place).get(url) ?? null;
}

/** Remembers a host's Nix platform; writes only what is new. InfraError("client"). */
export function rememberSystem({ url }: Pick<HostSpec, "url">, system: string, place: Place): void {
  const { directory } = place.memory;
  const systems = readSystems(place);
  if (directory === null || systems.get(url) === system) return;
  systems.delete(url);
  const newest = Object.fromEntries([...systems, [url, system] as const].slice(-LIMIT));
  writeJson(join(directory, FILE), { schema_version: 1, systems: newest });
}

/** What cannot be read is an empty memory. */
function readSystems({ memory: { directory } }: Place): Map<string, string> {
  if (directory === null) return new Map();
  try {
    return new Map(Object.entries(schema.parse(readJson(join(directory, FILE))).systems));
  } catch {
    return new Map();
  }
}
