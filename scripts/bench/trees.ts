import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface TreeShape {
  readonly name: string;
  readonly files: number;
  readonly bytesEach: number;
  readonly perDirectory: number;
}

export const shapes: readonly TreeShape[] = [
  { name: "typical", files: 1_000, bytesEach: 6_000, perDirectory: 20 },
  { name: "many", files: 100_000, bytesEach: 1_500, perDirectory: 100 },
  { name: "large", files: 40, bytesEach: 64 << 20, perDirectory: 40 },
];

/** What changes between two publications of a tree. */
export const CASES = ["cold", "unchanged", "one file", "1 %", "directory renamed"] as const;
export type Case = (typeof CASES)[number];

/** A committed git work tree of this shape in the empty directory `root`; half of each file compresses, as sources do. */
export function makeTree(root: string, shape: TreeShape): void {
  for (let at = 0; at < shape.files; at += 1) {
    const dir = join(root, directoryOf(shape, at));
    if (at % shape.perDirectory === 0) mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, `file-${at}`), content(shape.bytesEach));
  }
  const git = (...words: string[]) =>
    execFileSync("git", ["-C", root, "-c", "user.name=b", "-c", "user.email=b@b", ...words]);
  git("init", "-q");
  git("config", "gc.auto", "0"); // it would run on behind the commit
  git("add", "-A");
  git("commit", "-q", "-m", "tree");
}

/** Makes the case's change; gives the function that takes it back. */
export function change(root: string, shape: TreeShape, kind: Case): () => void {
  if (kind === "one file") return rewrite(root, shape, [0]);
  if (kind === "1 %")
    return rewrite(
      root,
      shape,
      Array.from({ length: Math.ceil(shape.files / 100) }, (_, n) => n * 100),
    );
  if (kind !== "directory renamed") return () => {};
  const [from, to] = [join(root, directoryOf(shape, 0)), join(root, "renamed")];
  renameSync(from, to);
  return () => renameSync(to, from);
}

function rewrite(root: string, shape: TreeShape, numbers: readonly number[]): () => void {
  const paths = numbers
    .filter((at) => at < shape.files)
    .map((at) => join(root, directoryOf(shape, at), `file-${at}`));
  const before = paths.map((path) => readFileSync(path));
  for (const path of paths) writeFileSync(path, content(shape.bytesEach));
  return () => {
    for (const [index, path] of paths.entries()) writeFileSync(path, before[index] ?? "");
  };
}

function directoryOf({ perDirectory }: TreeShape, at: number): string {
  const number = Math.floor(at / perDirectory);
  return `src/${number % 50}/dir-${number}`;
}

function content(bytes: number): Buffer {
  const noise = randomBytes(Math.ceil(bytes / 2));
  return Buffer.concat([noise, Buffer.alloc(bytes - noise.length, "the same words again ")]);
}
