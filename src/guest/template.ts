import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TemplateFile } from "../core/template-file.ts";
import { packageFile } from "../system/package-files.ts";

/** The files of this package's `nix/runners/<name>`. */
export function readTemplate(name: string): TemplateFile[] {
  return filesBelow(packageFile(`nix/runners/${name}`), "");
}

/** `nix/guest.nix` and what it imports, by the same names. */
export function readGuestModule(): TemplateFile[] {
  const content = readFileSync(packageFile("nix/guest.nix"));
  return [{ path: "guest.nix", executable: false, content }, ...filesBelow(packageFile("nix"), "guest")];
}

/** pikaci's own `flake.lock`, as text. */
export function readOwnLock(): string {
  return readFileSync(packageFile("flake.lock"), "utf8");
}

function filesBelow(root: string, below: string): TemplateFile[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) return filesBelow(root, path);
    const file = join(root, path);
    return [{ path, executable: (statSync(file).mode & 0o100) !== 0, content: readFileSync(file) }];
  });
}
