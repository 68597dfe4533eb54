import { ARGUMENT, type AttrPath, boundAttributes } from "../nix/bindings.ts";
import { nixTokens } from "../nix/tokens.ts";

/**
 * Whether the text of a `flake.nix` is unmistakably a configuration: it binds its output `pikaci`, alone or in flake-parts'
 * `flake`, or names pikaci's flake-parts module. Nothing is evaluated; docs/decisions/flake-configuration.md.
 */
export function isFlakeConfig(source: string): boolean {
  if (!source.includes("pikaci")) return false;
  return boundAttributes(source).some(isOutput) || importsModule(source);
}

function isOutput([first, ...path]: AttrPath): boolean {
  if (first !== "outputs") return false;
  const [name, next] = path.filter((one) => one !== ARGUMENT);
  const isDirect = path[0] !== ARGUMENT && name === "pikaci";
  return isDirect || (name === "flake" && next === "pikaci");
}

/** `pikaci.flakeModules`, of an input by that name. */
function importsModule(source: string): boolean {
  const words = nixTokens(source).map(({ text }) => text);
  return words.some(
    (word, index) =>
      word === "pikaci" && words[index + 1] === "." && /^flakeModules?$/.test(words[index + 2] ?? ""),
  );
}
