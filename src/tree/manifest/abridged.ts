import { bytePath } from "../../core/byte-path.ts";
import type { EntryType, HashedSnapshot } from "../../core/snapshot.ts";
import { byPath, EMPTY_DIGEST, encodeManifest, type ManifestEntry } from "./manifest.ts";

/**
 * The manifest of a published tree, as far as the host described it: an entry that is also in `hashed` is that entry; any other
 * has the right path and type, and a digest that equals no other. `files` is B3SUMS with only the first 40 bytes
 * of each line's digest, `others` names executables, symlinks and empty directories: `f`, `l` or `d`, a space, the path,
 * NUL.
 */
export function abridgedManifest(files: Buffer, others: Buffer, { entries }: HashedSnapshot): Buffer {
  const known = new Map<string, ManifestEntry>(entries.map((entry) => [entry.path, entry]));
  const special = parseOthers(others);
  const listed = parseFiles(files).map(({ path, prefix }): ManifestEntry => {
    const type = special.get(path) === "f" ? "executable" : "file";
    const now = known.get(path);
    return now?.type === type && now.digest.startsWith(prefix) ? now : unknownEntry(path, type);
  });
  const rest = [...special].flatMap(([path, letter]): ManifestEntry[] => {
    if (letter === "l") return [unknownEntry(path, "symlink")];
    return letter === "d" ? [{ ...unknownEntry(path, "directory"), digest: EMPTY_DIGEST }] : [];
  });
  return encodeManifest([...listed, ...rest].sort(byPath));
}

/** An entry with a digest that no content has. */
function unknownEntry(path: string, type: EntryType): ManifestEntry {
  const digest = "0".repeat(64);
  return { path: bytePath(Buffer.from(path, "latin1")), type, size: 0, digest };
}

const SHORT = 40;

/** Parses lines of `<digits>  ./<path>`; a line that begins with a backslash has an escaped path. */
function parseFiles(files: Buffer): { readonly path: string; readonly prefix: string }[] {
  return files
    .toString("latin1")
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const escaped = line.startsWith("\\");
      const name = line.slice(SHORT + "  ./".length + (escaped ? 1 : 0));
      const path = escaped ? name.replace(/\\[\\n]/g, (pair) => (pair === "\\n" ? "\n" : "\\")) : name;
      return { path, prefix: line.slice(escaped ? 1 : 0, SHORT) };
    });
}

function parseOthers(others: Buffer): Map<string, string> {
  const records = others.toString("latin1").split("\0").slice(0, -1);
  return new Map(records.map((record) => [record.slice(2), record.slice(0, 1)]));
}
