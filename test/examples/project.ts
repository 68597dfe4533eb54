import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openRig, type Rig } from "../lab/rig.ts";

const EXAMPLES = resolve(import.meta.dirname, "../../examples");

/** Names of the examples that are a directory. */
export const EXAMPLE_NAMES: readonly string[] = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

export const exampleFile = (name: string, file: string): string => join(EXAMPLES, name, file);

/** A copy of an example as a work tree of its own, with a home and so a work dir of its own. */
export function openExample(name: string): { readonly rig: Rig; readonly home: string; remove(): void } {
  const home = mkdtempSync(join(tmpdir(), "pikaci-home-"));
  const rig = openRig({ HOME: home });
  cpSync(join(EXAMPLES, name), rig.dir, {
    recursive: true,
    filter: (source) => !/\/(node_modules|\.pikaci)$/.test(source),
  });
  const remove = () => {
    rig.remove();
    rmSync(home, { recursive: true, force: true });
  };
  return { rig, home, remove };
}
