import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";

/** A change of a workspace; paths have one latin1 character a byte, `nth` picks one of the paths that exist. */
export type Edit =
  | { readonly kind: "write"; readonly path: string; readonly content: string; readonly executable: boolean }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "move" | "copy"; readonly nth: number; readonly path: string }
  | { readonly kind: "remove" | "mode" | "rewrite"; readonly nth: number };

/** Few names, so that files meet directories of the same name; some that shells and tools stumble over. */
const name = fc.constantFrom(
  "a",
  "b",
  "b0",
  "-",
  "-rf *",
  "new\nline",
  "\xff\xfe",
  "$(id)'\"",
  "\\",
  "\xc3\xa9",
);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
const content = fc.oneof(fc.constantFrom("", "same", "other"), fc.string({ maxLength: 2000 }));
const nth = fc.nat(1000);

export const editArbitrary: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("write"), path, content, executable: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("link"), path, target: path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("directory"), path }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("move", "copy"), nth, path }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("remove", "mode", "rewrite"), nth }) },
) as fc.Arbitrary<Edit>;

export function applyEdit(root: string, edit: Edit): void {
  if ("path" in edit && !("nth" in edit)) create(root, edit);
  else if ("path" in edit) transfer(root, edit.kind, pick(root, edit.nth), edit.path);
  else change(root, edit.kind, pick(root, edit.nth));
}

function create(root: string, edit: Extract<Edit, { readonly kind: "write" | "link" | "directory" }>): void {
  clear(root, edit.path);
  const file = bytes(root, edit.path);
  if (edit.kind === "write") writeFileSync(file, edit.content, { mode: edit.executable ? 0o755 : 0o644 });
  else if (edit.kind === "link") symlinkSync(Buffer.from(edit.target, "latin1"), file);
  else mkdirSync(file);
}

function transfer(root: string, kind: "move" | "copy", from: string | undefined, to: string): void {
  if (from === undefined || `${to}/`.startsWith(`${from}/`) || `${from}/`.startsWith(`${to}/`)) return;
  const stats = lstatSync(bytes(root, from));
  clear(root, to);
  if (lstatSync(bytes(root, from), { throwIfNoEntry: false }) === undefined) return;
  if (kind === "move") renameSync(bytes(root, from), bytes(root, to));
  else if (stats.isFile())
    writeFileSync(bytes(root, to), readFileSync(bytes(root, from)), { mode: stats.mode & 0o777 });
}

function change(root: string, kind: "remove" | "mode" | "rewrite", path: string | undefined): void {
  if (path === undefined) return;
  const file = bytes(root, path);
  const stats = lstatSync(file);
  if (kind === "remove") rmSync(file, { recursive: true });
  else if (!stats.isFile()) return;
  else if (kind === "mode") chmodSync(file, (stats.mode & 0o777) ^ 0o111);
  else writeFileSync(file, `again ${stats.size}`);
}

/** Every path below, files, links and directories, in an order that depends on the names only. */
export function pathsBelow(root: string, directory = ""): string[] {
  const names = readdirSync(bytes(root, directory), { withFileTypes: false, encoding: "buffer" });
  return names
    .map((one) => one.toString("latin1"))
    .sort()
    .flatMap((one) => {
      const path = directory === "" ? one : `${directory}/${one}`;
      return lstatSync(bytes(root, path)).isDirectory() ? [path, ...pathsBelow(root, path)] : [path];
    });
}

function pick(root: string, nth: number): string | undefined {
  const paths = pathsBelow(root);
  return paths[nth % Math.max(paths.length, 1)];
}

/** Makes the parents of a path, over whatever is in the way, and frees the path itself. */
function clear(root: string, path: string): void {
  const names = path.split("/");
  for (let length = 1; length < names.length; length += 1) {
    const parent = bytes(root, names.slice(0, length).join("/"));
    if (lstatSync(parent, { throwIfNoEntry: false })?.isDirectory() === true) continue;
    rmSync(parent, { force: true });
    mkdirSync(parent);
  }
  rmSync(bytes(root, path), { recursive: true, force: true });
}

export function bytes(root: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, "latin1")]);
}
