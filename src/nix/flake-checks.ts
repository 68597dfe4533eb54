import { join } from "node:path";
import * as z from "zod";
import type { Context } from "../core/context.ts";
import { ConfigError } from "../core/errors.ts";
import type { NixOptions } from "../core/plan.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import { blake3Hex } from "../system/blake3.ts";
import { readJson, writeJson } from "../system/client-files.ts";
import { evalFlake } from "./client.ts";
import { flakeIn, sourceInStore } from "./client-source.ts";
import { NoSuchOutput } from "./errors.ts";
import { decidingWords, evalWords } from "./options.ts";
import { checkFlakeFile, encodeFields } from "./outputs.ts";

const FILE = "flake-checks.json";
const LIMIT = 100;

const memorySchema = z.object({
  schema_version: z.literal(1),
  /** Newest last, by the hash of what decides them. */
  names: z.record(z.string(), z.array(z.string())),
});

/** What decides the names of a flake's checks. */
interface ChecksAsked {
  readonly whole: HashedSnapshot;
  /** The files that the flake is evaluated from. */
  readonly selected: HashedSnapshot;
  /** Nix platform of the host that builds them. */
  readonly system: string;
  readonly nix: NixOptions;
}

/**
 * Names of the checks of the workspace's flake for a system, sorted. What this machine has once seen of the same source is
 * remembered, so that nothing is evaluated; else this machine's Nix evaluates the source. ConfigError where there is none,
 * InfraError, TreeChanged.
 */
export async function flakeCheckNames(asked: ChecksAsked, context: Context): Promise<readonly string[]> {
  const root = { dir: "", attr: "checks" };
  checkFlakeFile(root, asked.whole, asked.selected);
  const key = keyOf(asked);
  const known = readMemory(context).get(key);
  if (known !== undefined && !asked.nix.impure) return known;
  const names = await evaluate(asked, context);
  if (!asked.nix.impure) writeMemory(new Map([...readMemory(context), [key, names]]), context);
  return names;
}

function keyOf({ selected, system, nix }: ChecksAsked): string {
  return blake3Hex(
    encodeFields(["pikaci-flake-checks/1", selected.contentHash, system, ...decidingWords(nix)]),
  );
}

async function evaluate({ selected, system, nix }: ChecksAsked, context: Context): Promise<string[]> {
  const source = await sourceInStore(selected, context);
  const flake = await flakeIn(source, "", context);
  const words = ["--no-update-lock-file", ...evalWords(nix)];
  const names = ["--apply", "builtins.attrNames"];
  try {
    const json = await evalFlake(context.workspace, `checks.${system}`, [...words, ...names], context, flake);
    return z.array(z.string()).parse(JSON.parse(json)).sort();
  } catch (error) {
    if (!(error instanceof NoSuchOutput)) throw error;
    throw new ConfigError(`\`checks\`: the flake has no checks for ${system}`, {
      hint: `give it an output \`checks.${system}\`, or take \`checks\` out of the configuration`,
      cause: error,
    });
  }
}

/** What cannot be read is an empty memory. */
function readMemory({ memory: { directory } }: Context): Map<string, readonly string[]> {
  if (directory === null) return new Map();
  try {
    return new Map(Object.entries(memorySchema.parse(readJson(join(directory, FILE))).names));
  } catch {
    return new Map();
  }
}

function writeMemory(names: Map<string, readonly string[]>, { memory: { directory } }: Context): void {
  if (directory === null) return;
  const newest = Object.fromEntries([...names].slice(-LIMIT));
  writeJson(join(directory, FILE), { schema_version: 1, names: newest });
}
