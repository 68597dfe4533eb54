import { ConfigError } from "../core/errors.ts";
import type { FlakeRef } from "../core/flake-lock.ts";
import type { LockedInputs } from "../nix/flake-lock.ts";

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** A Nix string literal that evaluates to exactly this text; ConfigError for NUL, which Nix strings cannot hold. */
export function nixString(text: string): string {
  if (text.includes("\0"))
    throw new ConfigError("a text for Nix holds a NUL byte", { hint: "remove it from the configuration" });
  const escaped = text.replace(/["\\\n\r\t]/g, (c) => escapes[c] ?? c).replaceAll("$", "\\$");
  return `"${escaped}"`;
}

/** The `inputs` attribute of a flake, which must be literal. */
export function nixInputs({ refs, leftOut }: LockedInputs): string {
  const lines = [
    ...Object.entries(refs).map(([name, ref]) => `${nixString(name)} = { ${refWords(ref)} };`),
    ...leftOut.map((path) => `${path.map(nixString).join(".inputs.")}.follows = "";`),
  ];
  return lines.length === 0 ? "inputs = { };" : `inputs = {\n    ${lines.join("\n    ")}\n  };`;
}

function refWords(ref: FlakeRef): string {
  const word = (value: FlakeRef[string]) => (typeof value === "string" ? nixString(value) : String(value));
  return Object.entries(ref)
    .map(([key, value]) => `${nixString(key)} = ${word(value)};`)
    .join(" ");
}
