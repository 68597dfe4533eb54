/** A path below the workspace that is one file or directory whatever reads it: no pattern, no way out, no option. */
export function plainPath(path: string): string | null {
  const text = path.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "");
  const parts = text.split("/");
  const isPlain = /^[A-Za-z0-9_.+@/-]+$/.test(text) && !text.startsWith("/") && !text.startsWith("-");
  return isPlain && parts.every((part) => !["", ".", "..", ".git"].includes(part)) ? text : null;
}
