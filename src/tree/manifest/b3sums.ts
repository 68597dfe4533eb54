import { pathBytes } from "../../core/byte-path.ts";
import type { ManifestEntry } from "./manifest.ts";

/** Text for `b3sum --check`, run inside the tree, and how many files it cannot name. */
interface B3sums {
  readonly text: string;
  /** Regular files whose names b3sum refuses: not UTF-8, U+FFFD, carriage return. */
  readonly leftOut: number;
}

/** Lists only regular files, since `b3sum` follows symlinks and reads no directories. */
export function b3sums(entries: readonly ManifestEntry[]): B3sums {
  const files = entries.filter(({ type }) => type === "file" || type === "executable");
  const lines = files.map(b3sumsLine).filter((text) => text !== null);
  return { text: lines.join(""), leftOut: files.length - lines.length };
}

/**
 * A regular file's line; null for a name that b3sum refuses. With `./`, a file named `-` does not mean stdin; a leading backslash
 * says that the name is escaped.
 */
export function b3sumsLine({ path, digest }: ManifestEntry): string | null {
  if (/^[ -[\]-~]*$/.test(path)) return `${digest}  ./${path}\n`;
  const bytes = pathBytes(path);
  const name = bytes.toString("utf8");
  if (/[\ufffd\r]/.test(name)) return null;
  const escaped = name.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return `${escaped === name ? "" : "\\"}${digest}  ./${escaped}\n`;
}
