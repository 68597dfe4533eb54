import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TemplateFile } from "../core/template-file.ts";

/** The files of `nix/runners/<name>` of this package, seen from its sources as well as from its bundle. */
export function readTemplate(name: string): TemplateFile[] {
  return filesBelow(join(templatesDir(), name), "");
}

/** `nix/guest.nix` and what it imports, by the same names. */
export function readGuestModule(): TemplateFile[] {
  const nix = dirname(templatesDir());
  const main = { path: "guest.nix", executable: false, content: readFileSync(join(nix, "guest.nix")) };
  return [main, ...filesBelow(nix, "guest")];
}

/** pikaci's own `flake.lock`, as text. */
export function readOwnLock(): string {
  return readFileSync(join(templatesDir(), "../../flake.lock"), "utf8");
}

function filesBelow(root: string, below: string): TemplateFile[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) return filesBelow(root, path);
    const file = join(root, path);
    return [{ path, executable: (statSync(file).mode & 0o100) !== 0, content: readFileSync(file) }];
  });
}

function templatesDir(): string {
  for (let dir = dirname(fileURLToPath(import.meta.url)); dir !== dirname(dir); dir = dirname(dir)) {
    if (existsSync(join(dir, "nix/runners"))) return join(dir, "nix/runners");
  }
  throw new Error("this installation of pikaci lacks its nix/runners directory");
}
