import { z } from "zod";
import { ConfigError } from "./errors.ts";

/** A node's input: a node name, or a path of input names from the lock's root (`follows`). */
type LockInput = string | readonly string[];

interface LockNode {
  readonly inputs?: Readonly<Record<string, LockInput>> | undefined;
  readonly locked?: { readonly type: string } | undefined;
}

/** `flake.lock`, version 7; what is not named here is kept as it is. */
export interface FlakeLock {
  readonly nodes: Readonly<Record<string, LockNode>>;
  readonly root: string;
  readonly version: number;
}

const lockSchema = z.looseObject({
  nodes: z.record(
    z.string(),
    z.looseObject({
      inputs: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
      locked: z.looseObject({ type: z.string() }).optional(),
    }),
  ),
  root: z.string(),
  version: z.literal(7),
});

/** Reads a `flake.lock`; ConfigError when it is none of version 7. */
export function parseFlakeLock(text: string): FlakeLock {
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ConfigError("flake.lock is not a lock file of version 7", {
      hint: "run `nix flake lock` with a current Nix and commit the result",
      cause,
    });
  }
}

/** The lock of a flake without inputs. */
export const EMPTY_LOCK: FlakeLock = { nodes: { root: {} }, root: "root", version: 7 };

/**
 * The lock of a runner whose inputs are these of the project's root: the part that they reach, nothing else.
 * Every `follows` becomes the node that it leads to, nodes are named anew. ConfigError for an input that the
 * project lacks, that leads nowhere, or that is a path, which no other machine has.
 */
export function pinInputs(lock: FlakeLock, names: readonly string[]): FlakeLock {
  const renamed = new Map<string, string>();
  const nodes: Record<string, LockNode> = {};
  const take = (node: string, wish: string): string => {
    const known = renamed.get(node);
    if (known !== undefined) return known;
    const { inputs = {}, ...rest } = nodeOf(lock, node);
    if (rest.locked?.type === "path") throw pathInput(node);
    const name = freeName(wish, nodes);
    renamed.set(node, name);
    nodes[name] = {};
    const taken = Object.entries(inputs).map(([input, to]) => [input, take(resolve(lock, to), input)]);
    nodes[name] = taken.length === 0 ? rest : { ...rest, inputs: Object.fromEntries(taken) };
    return name;
  };
  nodes.root = {};
  const root = names.map((name) => [name, take(resolve(lock, [name]), name)]);
  nodes.root = root.length === 0 ? {} : { inputs: Object.fromEntries(root) };
  return { nodes, root: "root", version: lock.version };
}

function nodeOf(lock: FlakeLock, name: string): LockNode {
  const node = lock.nodes[name];
  if (node === undefined) throw broken(`the node \`${name}\` is missing`);
  return node;
}

/** The node that an input leads to; a path is followed from the root, where it may meet further paths. */
function resolve(lock: FlakeLock, input: LockInput, seen: readonly string[] = []): string {
  if (typeof input === "string") return input;
  const path = input.join("/");
  if (seen.includes(path)) throw broken(`the input \`${path}\` follows itself`);
  return input.reduce((node, name) => {
    const next = nodeOf(lock, node).inputs?.[name];
    if (next === undefined) throw missingInput(path);
    return resolve(lock, next, [...seen, path]);
  }, lock.root);
}

function freeName(wish: string, nodes: Readonly<Record<string, LockNode>>): string {
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? wish : `${wish}_${n}`;
    if (!Object.hasOwn(nodes, name)) return name;
  }
}

function missingInput(path: string): ConfigError {
  return new ConfigError(`the project's flake.lock has no input \`${path}\`, which the runner needs`, {
    hint: `add \`inputs.${path.replaceAll("/", ".inputs.")}\` to the project's flake.nix and run \`nix flake lock\``,
  });
}

function pathInput(node: string): ConfigError {
  return new ConfigError(`the runner would need the path input \`${node}\`, which only this machine has`, {
    hint: "give that input a URL that the host can fetch",
  });
}

function broken(what: string): ConfigError {
  return new ConfigError(`flake.lock is broken: ${what}`, {
    hint: "run `nix flake lock` and commit the result",
  });
}
