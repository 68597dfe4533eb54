import { ConfigError } from "../core/errors.ts";

/**
 * A Nix function that makes a configuration's value the same JSON under every version of Nix, for `exactValue` to read.
 * Nix 2.8 prints six digits of a float (`1.5 * 1024 * 1024` as 1.57286e+06): a whole one becomes an integer, any other is
 * marked. It copies a path into the store by itself, where later versions print the path inside the flake's own source:
 * each is copied by itself, as `"${./path}"` is everywhere.
 */
export const EXACT_VALUE = `
  let
    largest = 9007199254740991;
    float = value:
      let integer = builtins.floor value; in
      if value <= largest && value >= - largest && integer == value then integer
      else { __inexact = toString value; };
    exact = value:
      let type = builtins.typeOf value; in
      if type == "float" then float value
      else if type == "path" then "\${value}"
      else if type == "list" then map exact value
      else if type == "set" && ! (value ? outPath || value ? __toString) then
        builtins.mapAttrs (name: exact) value
      else value;
  in exact
`;

/** What `EXACT_VALUE` gave, once read as JSON; `at` names it. ConfigError for a float that JSON would not hold exactly. */
export function exactValue(value: unknown, at = "pikaci"): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("__inexact" in value) throw inexact(at, String(value.__inexact));
  if (Array.isArray(value)) return value.map((item, n) => exactValue(item, `${at}[${n}]`));
  const entries = Object.entries(value).map(([name, item]) => [name, exactValue(item, `${at}.${name}`)]);
  return Object.fromEntries(entries);
}

function inexact(at: string, float: string): ConfigError {
  return new ConfigError(`${at} is the float ${float}, which not every version of Nix prints exactly`, {
    hint: 'write an integer, or a size with its unit, as "1536KiB"',
  });
}
