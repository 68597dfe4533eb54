import { Minimatch } from "minimatch";
import { type BytePath, pathBytes } from "../core/byte-path.ts";
import { ConfigError } from "../core/errors.ts";

/** The first glob that matches the path or a directory above it; null when none does. */
type GlobMatcher = (path: BytePath) => string | null;

/** The glob that matches exactly this path. */
export function literalGlob(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|^$]/g, "\\$&");
}

interface Compiled {
  readonly glob: string;
  readonly matchesText: (text: string) => boolean;
  /** For names that are not UTF-8: one character per byte on both sides. */
  readonly matchesBytes: (text: string) => boolean;
}

/**
 * Globs over workspace paths: `*` within one name, `**` across names, dot files included; a glob that names a directory
 * matches everything below it. Wildcards mean what they mean in git, braces what they mean in sh. Throws ConfigError for a
 * glob that is empty, leaves the workspace, or is read differently by git and sh.
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

/** The globs that match none of the paths. */
export function globsWithoutMatch(globs: readonly string[], paths: readonly BytePath[]): string[] {
  return globs.filter((glob) => {
    const matches = globMatcher([glob]);
    return !paths.some((path) => matches(path) !== null);
  });
}

/** What git, sh and other tools read in different ways, and what to write instead. */
const DISPUTED: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [
    /^!/,
    "a glob can't be negated: use the key with the opposite meaning, or write `\\!` for a name with `!`",
  ],
  [
    /(?<!\\)(\\\\)*[!?*+@]\(/,
    "extended globs such as `!(a|b)` are not supported: list the globs, or write `\\(`",
  ],
  [/(^|\/)\*{3,}(\/|$)/, "write `**` for any number of directories"],
  [/\[[!^]?[^\]]*\[[.=]/, "collating symbols are not supported in `[…]`: list the characters"],
  [/(?<!\\)(\\\\)*\\$/, "a backslash stands before the character that it makes literal"],
];

function compile(glob: string): Compiled {
  const trimmed = glob.replace(/^(\.?\/)+/, "").replace(/\/+$/, "");
  if (trimmed === "" || trimmed.length > 4096 || trimmed.split("/").includes(".."))
    throw notAGlob(glob, "write a path relative to the workspace, such as `docs/**` or `*.log`");
  const disputed = DISPUTED.find(([pattern]) => pattern.test(trimmed));
  if (disputed !== undefined) throw notAGlob(glob, disputed[1]);
  const range = reversedRange(trimmed);
  if (range !== null) throw notAGlob(glob, `the range ${range} is empty: its ends are the wrong way round`);
  const bytes = Buffer.from(trimmed, "utf8").toString("latin1");
  return { glob, matchesText: matcher(trimmed), matchesBytes: matcher(bytes) };
}

function notAGlob(glob: string, hint: string): ConfigError {
  return new ConfigError(`not a glob: ${JSON.stringify(glob)}`, { hint });
}

/** The `b-a` of a `[b-a]`, which git reads as `b` and sh as nothing. */
function reversedRange(glob: string): string | null {
  for (const [, set = ""] of glob.matchAll(/(?<!\\)\[[!^]?(\]?[^\]]*)\]/g))
    for (const [range, from = "", to = ""] of set.matchAll(/([^\\-])-([^\\\]-])/g))
      if (from > to) return range;
  return null;
}

/** Match as a shell's `case` does, in the same way on every system. */
const OPTIONS = { dot: true, nonegate: true, nocomment: true, noext: true, platform: "linux" } as const;

/** The path itself or anything below it. */
function matcher(glob: string): (text: string) => boolean {
  const [itself, below] = [glob, `${glob}/**`].map((one) => new Minimatch(one, OPTIONS));
  return (text) => itself?.match(text) === true || below?.match(text) === true;
}

/** The text of a path, null when its bytes are not UTF-8. */
function utf8(path: BytePath): string | null {
  if (!/[\x80-\xff]/.test(path)) return path;
  const bytes = pathBytes(path);
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : null;
}
