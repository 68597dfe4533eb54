import { ConfigError } from "../core/errors.ts";

/** A flake output of the workspace: directory of its `flake.nix` (`""` is the root) and attribute path. */
export interface Installable {
  readonly dir: string;
  readonly attr: string;
}

const HINT =
  "write `[dir]#attribute`, as `.#tools` or `nix/ci#packages.x86_64-linux.tools`; `dir` is a directory of the workspace";

/**
 * Parses `[dir]#attribute`. Only flakes of the workspace: URLs, absolute paths and `..` are a ConfigError,
 * and so are characters that Nix would read as part of a URL.
 */
export function parseInstallable(text: string): Installable {
  const refuse = (why: string) =>
    new ConfigError(`not an installable: ${JSON.stringify(text)}: ${why}`, { hint: HINT });
  const mark = text.indexOf("#");
  if (mark === -1) throw refuse("the `#` before the attribute is missing");
  const directory = text.slice(0, mark);
  const attr = text.slice(mark + 1);
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(directory))
    throw refuse("only flakes of the workspace can be prepared");
  if (directory.startsWith("/")) throw refuse("the directory must be relative to the workspace");
  const parts = directory.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw refuse("the directory may not leave the workspace");
  if (!parts.every((part) => /^[A-Za-z0-9_.+=~-]+$/.test(part)))
    throw refuse("a flake's directory may hold only letters, digits and `_.+=~-`");
  if (attr === "") throw refuse("the attribute after `#` is missing");
  if (!/^[A-Za-z0-9_.'"^*,+-]+$/.test(attr))
    throw refuse("the attribute holds a character that Nix would misread");
  return { dir: parts.join("/"), attr };
}

/** One text for all ways to write the same installable. */
export function formatInstallable({ dir, attr }: Installable): string {
  return `${dir === "" ? "." : dir}#${attr}`;
}
