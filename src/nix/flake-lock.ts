import { ConfigError } from "../core/errors.ts";
import type { FlakeLock, FlakeRef, LockInput, LockNode } from "../core/flake-lock.ts";

/**
 * The lock of a runner whose inputs are these of the project's root: the part that they reach, nothing else.
 * Every `follows` becomes the node that it leads to, and every input has a node of its own, as Nix writes it where no
 * flake says `follows`. Only one that leads back to a flake above it (`inputs.x.follows = ""` in an input's own flake)
 * stays a path, now from the runner's root. ConfigError for an input that the project lacks, that leads nowhere, or that
 * is a path outside of every other input, which no other machine has.
 */
export function pinInputs(lock: FlakeLock, names: readonly string[]): FlakeLock {
  const nodes: Record<string, LockNode> = { root: {} };
  let count = 0;
  const take = (from: LockInput, at: Place): LockInput => {
    const node = resolve(lock, from);
    if (at.own.includes(node) && typeof from === "string")
      throw broken(`the node \`${node}\` is an input of itself`);
    const above = at.above.get(node);
    if (above !== undefined) return [...above];
    const { inputs = {}, ...found } = nodeOf(lock, node);
    const rest = found.locked?.type === "path" ? insideAbove(lock, node, found, at) : found;
    const name = freeName(at.path.at(-1) ?? node, nodes);
    count += 1;
    if (count > LARGEST)
      throw broken(`the inputs of ${names.join(", ")} have more than ${LARGEST} inputs in all`);
    nodes[name] = {};
    const reached = new Map([...at.above, [node, at.path]]);
    const own = typeof from === "string" ? [...at.own, node] : [node];
    const entries = sorted(inputs).map(([input, to]) => [
      input,
      isEmpty(to) ? to : take(to, { path: [...at.path, input], above: reached, own }),
    ]);
    nodes[name] = entries.length === 0 ? rest : { ...rest, inputs: Object.fromEntries(entries) };
    return name;
  };
  const root = [...names].sort().map((name) => {
    return [name, take([name], { path: [name], above: new Map(), own: [] })] as const;
  });
  nodes.root = root.length === 0 ? {} : { inputs: Object.fromEntries(root) };
  return { nodes, root: "root", version: lock.version };
}

/** Every way to a node makes another, so a small lock can ask for any number; well-known projects have some hundred. */
const LARGEST = 5000;

/** Where in the new lock a node is taken. */
interface Place {
  /** Input names from the new lock's root. */
  readonly path: readonly string[];
  /** The project's nodes on the way there, each with its own path. */
  readonly above: ReadonlyMap<string, readonly string[]>;
  /** Those since the last `follows`, of which each names the next one. */
  readonly own: readonly string[];
}

/** A path input that lies in the source of an input above it, with its `parent` in the new lock; ConfigError for others. */
function insideAbove(lock: FlakeLock, name: string, node: LockNode, { above }: Place): LockNode {
  const parent = node.parent === undefined ? undefined : above.get(resolve(lock, node.parent));
  if (parent === undefined || !isRelative(node.locked?.path)) throw pathInput(name);
  return { ...node, parent: [...parent] };
}

/** Whether a locked path lies below where its lock says; Nix takes an absolute one as it is, whatever its parent. */
function isRelative(path: unknown): boolean {
  return typeof path === "string" && !path.startsWith("/");
}

/** In the order in which Nix names the nodes. */
function sorted(inputs: NonNullable<LockNode["inputs"]>): [string, LockInput][] {
  return Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `follows = ""`: the flake that has the lock, which is how an input is left out. */
function isEmpty(input: LockInput): boolean {
  return typeof input !== "string" && input.length === 0;
}

/** A project's lock with `names` from another one where its root lacks them; their `follows` lead into the project's. */
export function completeLock(lock: FlakeLock, names: readonly string[], other: FlakeLock): FlakeLock {
  const own = nodeOf(lock, lock.root);
  const lacking = names.filter((name) => !Object.hasOwn(own.inputs ?? {}, name));
  const prefixed = Object.entries(other.nodes).map(([name, node]) => {
    const inputs = Object.entries(node.inputs ?? {}).map(([input, to]) => [
      input,
      typeof to === "string" ? OTHER + to : to,
    ]);
    return [OTHER + name, { ...node, inputs: Object.fromEntries(inputs) }] as const;
  });
  const added = lacking.map((name) => [name, OTHER + resolve(other, [name])]);
  const root = { ...own, inputs: { ...own.inputs, ...Object.fromEntries(added) } };
  return { ...lock, nodes: { ...Object.fromEntries(prefixed), ...lock.nodes, [lock.root]: root } };
}

/** No input is called so: Nix's names have no `/`. */
const OTHER = "other/";

export interface LockedInputs {
  /** What each input of the root was asked for as. */
  readonly refs: Readonly<Record<string, FlakeRef>>;
  /** Paths of the inputs that are left out by `follows = ""`, which the flake itself has to say again. */
  readonly leftOut: readonly (readonly string[])[];
}

/** What the inputs of a flake with this lock, made by `pinInputs`, must say for Nix to take it as it is. */
export function lockedInputs(lock: FlakeLock): LockedInputs {
  const leftOut: (readonly string[])[] = [];
  const visit = (node: string, path: readonly string[]): void => {
    for (const [input, to] of Object.entries(nodeOf(lock, node).inputs ?? {})) {
      if (isEmpty(to)) leftOut.push([...path, input]);
      else if (typeof to === "string") visit(to, [...path, input]);
    }
  };
  visit(lock.root, []);
  const inputs = Object.entries(nodeOf(lock, lock.root).inputs ?? {});
  const refs = inputs.map(([name, to]) => [name, nodeOf(lock, String(to)).original ?? missingRef(name)]);
  return { refs: Object.fromEntries(refs), leftOut };
}

function missingRef(name: string): never {
  throw broken(`the input \`${name}\` does not say what was asked for`);
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
