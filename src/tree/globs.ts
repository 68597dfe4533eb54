import picomatch from "picomatch/posix.js";
import { ConfigError } from "../core/errors.ts";
import { type BytePath, pathBytes } from "../core/ids.ts";

/** The first glob that matches the path or a directory above it; null when none does. */
export type GlobMatcher = (path: BytePath) => string | null;

/** The glob that means this path and nothing else. */
export function literalGlob(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|^$]/g, "\\$&");
}

interface Compiled {
  readonly glob: string;
  readonly matchesText: (text: string) => boolean;
  /** For names that are not UTF-8: one character a byte on both sides. */
  readonly matchesBytes: (text: string) => boolean;
}

/**
 * Globs over workspace paths: `*` within one name, `**` across, dot files included; a glob that names a directory
 * means everything below it. Throws ConfigError for a glob that is empty or leaves the workspace.
 */
export function globMatcher(globs: readonly string[]): GlobMatcher {
  const compiled = globs.map(compile);
  if (compiled.length === 0) return () => null;
  return (path) => {
    const text = utf8(path);
    const hit = compiled.find(({ matchesText, matchesBytes }) =>
      text === null ? matchesBytes(path) : matchesText(text),
    );
    return hit?.glob ?? null;
  };
}

function compile(glob: string): Compiled {
  const trimmed = glob.replace(/^(\.?\/)+/, "").replace(/\/+$/, "");
  if (trimmed === "" || trimmed.length > 4096 || trimmed.split("/").includes(".."))
    throw new ConfigError(`not a glob: ${JSON.stringify(glob)}`, {
      hint: "write a path relative to the workspace, such as `docs/**` or `*.log`",
    });
  const bytes = Buffer.from(trimmed, "utf8").toString("latin1");
  return { glob, matchesText: matcher(trimmed), matchesBytes: matcher(bytes) };
}

/** The path itself or anything below it; the flag lets `**` cross newlines; `!` is a character like any other. */
function matcher(glob: string): (text: string) => boolean {
  return picomatch([glob, `${glob}/**`], { dot: true, nonegate: true, flags: "s" });
}

/** The text of a path, null when its bytes are not UTF-8. */
function utf8(path: BytePath): string | null {
  if (!/[\x80-\xff]/.test(path)) return path;
  const bytes = pathBytes(path);
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : null;
}
