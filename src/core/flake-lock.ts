import * as z from "zod";
import type { DocumentOf } from "./document.ts";
import { ConfigError } from "./errors.ts";

/** A flake reference as attributes. */
const refSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** A node's input: a node name, or a path of input names from the lock's root (`follows`). */
const inputSchema = z.union([z.string(), z.array(z.string())]);

const nodeSchema = z.looseObject({
  inputs: z.record(z.string(), inputSchema).optional(),
  locked: z.looseObject({ type: z.string() }).optional(),
  original: refSchema.optional(),
  /** Since Nix 2.26, of a relative path: the input whose source it lies in, as a path of input names from the root. */
  parent: z.array(z.string()).optional(),
});

/** `flake.lock`, version 7; fields that are not listed here are kept as they are. */
export const flakeLockSchema = z.looseObject({
  nodes: z.record(z.string(), nodeSchema),
  root: z.string(),
  version: z.literal(7),
});

/** A `locked` or `original` reference: `type` and what that type of input needs, such as `url` or `rev`. */
export type FlakeRef = DocumentOf<typeof refSchema>;
/** An input: the name of a node, or the path of input names from the root that it `follows`. */
export type LockInput = DocumentOf<typeof inputSchema>;
/** A node: its reference and its inputs by name; the root has no reference. */
export type LockNode = DocumentOf<typeof nodeSchema>;
/** `flake.lock`, version 7: nodes by name, and which is the root. */
export type FlakeLock = DocumentOf<typeof flakeLockSchema>;

/** Parses a `flake.lock` of version 7; ConfigError for anything else. */
export function parseFlakeLock(text: string): FlakeLock {
  try {
    return flakeLockSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ConfigError("flake.lock is not a lock file of version 7", {
      hint: "run `nix flake lock` with a current Nix and commit the result",
      cause,
    });
  }
}

/** The lock of a flake without inputs. */
export const EMPTY_LOCK: FlakeLock = { nodes: { root: {} }, root: "root", version: 7 };
