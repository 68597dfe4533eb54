import { ConfigError } from "./errors.ts";

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

/** The `inputs` attribute of a flake, whose URLs must be literals. */
export function nixInputs(urls: Readonly<Record<string, string>>): string {
  const lines = Object.entries(urls).map(([name, url]) => `${nixString(name)}.url = ${nixString(url)};`);
  return lines.length === 0 ? "inputs = { };" : `inputs = { ${lines.join(" ")} };`;
}
