import {
  closeSync,
  constants,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";
import { type BytePath, bytePath, displayPath, pathBytes } from "../core/byte-path.ts";
import { InfraError, PikaciError } from "../core/errors.ts";
import type { ArtifactEntry } from "../core/run-record.ts";
import { codeOf } from "../system/error-code.ts";
import { writeWithHoles } from "../system/holes.ts";
import { SparseEntries } from "./sparse-entries.ts";
import { dataBytes, placed, type SparseMap, wholeFile } from "./sparse-map.ts";

export interface Unpacked {
  readonly entries: readonly ArtifactEntry[];
  /** `<path>: <reason>` of what was in the stream and not stored. */
  readonly leftOut: readonly string[];
}

/** The most files, directories and links that a job may leave; src/host/feed.sh has the same limit. */
export const ARTIFACT_ENTRIES = 100_000;

/** How many times as long as what may be sent files with holes may be; src/host/feed.sh has the same. */
const SPARSE_FACTOR = 8;

/**
 * Unpacks a tar stream from an untrusted host: only inside `root`, never through a link, without devices and setuid bits, and
 * at most `limitBytes` of the stream. Holes of files are not in it, so its files with holes may be longer: `limitLength` bytes
 * all together. InfraError("host") for a stream that is no archive or too long, InfraError("client").
 */
export async function unpackArtifacts(
  bytes: AsyncIterable<Buffer>,
  root: string,
  limitBytes: number,
  limitLength = limitBytes * SPARSE_FACTOR,
): Promise<Unpacked> {
  mkdirSync(root, { recursive: true });
  const sparse = new SparseEntries();
  const unpacker = new Unpacker(root, sparse.maps, limitLength);
  const archive = extract(latin1Names);
  let broken: unknown = null;
  archive.on("error", (error: unknown) => {
    broken = error;
  });
  const store = async () => {
    for await (const entry of archive) await unpacker.add(entry);
  };
  await Promise.all([
    pipeline(
      Readable.from(withoutMaps(limited(bytes, limitBytes), sparse)),
      archive as unknown as NodeJS.WritableStream,
    ),
    store(),
  ]).catch((error: unknown) => {
    throw error === broken && !(error instanceof PikaciError) && codeOf(error) === null
      ? new InfraError("host", `the host's archive of artifacts cannot be read: ${String(error)}`, {
          hint: HOSTILE,
          cause: error,
        })
      : diskError(error, root);
  });
  return unpacker.unpacked();
}

const HOSTILE =
  "an honest host sends no such archive: look at who may change its `tar` and pikaci's work dir there";

async function* limited(bytes: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let sum = 0;
  for await (const part of bytes) {
    sum += part.length;
    if (sum > limit)
      throw new InfraError(
        "host",
        `the host sends more artifacts than the ${limit} bytes that it was asked for`,
        {
          hint: HOSTILE,
        },
      );
    yield part;
  }
}

/** A file with holes of an archive that is not in GNU's own format, which is what hosts are asked for. */
function hasPaxMap({ pax }: Header): boolean {
  return (
    typeof pax === "object" && pax !== null && Object.keys(pax).some((key) => key.startsWith("GNU.sparse."))
  );
}

function wrongMap(path: string, why: string): InfraError {
  return new InfraError("host", `the host's archive has no right map of the holes in ${path}: ${why}`, {
    hint: HOSTILE,
  });
}

function tooLong(limit: number): InfraError {
  return new InfraError("host", `the host sends files with holes that are longer than ${limit} bytes`, {
    hint: HOSTILE,
  });
}

async function* withoutMaps(bytes: AsyncIterable<Buffer>, sparse: SparseEntries): AsyncGenerator<Buffer> {
  for await (const part of bytes) yield* sparse.push(part);
  if (sparse.end().length > 0) yield sparse.end();
}

/** One character per byte, so that no name is lost; tar-stream's types lack the option. */
const latin1Names: Parameters<typeof extract>[0] & { filenameEncoding: string } = {
  filenameEncoding: "latin1",
};

type Entry = ReturnType<typeof extract> extends AsyncIterable<infer Source> ? Source : never;

class Unpacker {
  readonly #root: Buffer;
  readonly #maps: SparseEntries["maps"];
  readonly #limitLength: number;
  readonly #directories = new Set<BytePath>([bytePath(Buffer.alloc(0))]);
  /** Their lengths in bytes. */
  readonly #files = new Map<BytePath, number>();
  readonly #taken = new Set<BytePath>();
  readonly #entries: ArtifactEntry[] = [];
  readonly #leftOut: string[] = [];
  #seen = 0;
  #length = 0;

  constructor(root: string, maps: SparseEntries["maps"], limitLength: number) {
    this.#root = Buffer.from(root);
    this.#maps = maps;
    this.#limitLength = limitLength;
  }

  unpacked(): Unpacked {
    return { entries: this.#entries, leftOut: this.#leftOut };
  }

  async add(entry: Entry): Promise<void> {
    this.#seen += 1;
    if (this.#seen > ARTIFACT_ENTRIES)
      throw new InfraError("host", `the host sends more artifacts than ${ARTIFACT_ENTRIES}`, {
        hint: HOSTILE,
      });
    const path = archivePath(entry.header.name);
    const map = this.#mapOf(entry);
    const refusal = path === null ? "unsafe name" : this.#refusal(path, entry.header);
    if (path === null || refusal !== null) this.#refuse(path ?? entry.header.name, refusal ?? "");
    else if (typeof map === "string") this.#refuse(path, map);
    else await this.#store(path, entry, map).catch((error: unknown) => this.#refuse(path, unstorable(error)));
    entry.resume();
  }

  /** Which bytes of the entry's file its content is, or why it is not stored. */
  #mapOf({ offset, header: { name, size } }: Entry): SparseMap | string {
    const map = this.#maps.get(offset);
    this.#maps.delete(offset);
    if (map === undefined) return wholeFile(size);
    const shown = displayPath(bytePath(Buffer.from(name, "latin1")));
    if ("unusable" in map) {
      if (map.unusable === "too-long") return map.why;
      throw wrongMap(shown, map.why);
    }
    // Another header may have given the entry another size.
    if (dataBytes(map) !== size) throw wrongMap(shown, `its data is ${size} bytes long`);
    this.#length += map.size;
    if (this.#length > this.#limitLength) throw tooLong(this.#limitLength);
    return map;
  }

  #refuse(name: string, reason: string): void {
    this.#leftOut.push(`${displayPath(bytePath(Buffer.from(name, "latin1")))}: ${reason}`);
  }

  #refusal(path: BytePath, header: Header): string | null {
    if (path === "") return null;
    if (hasPaxMap(header)) return "its holes are written in the pax format, which pikaci does not read";
    if (!this.#directories.has(parent(path))) return "its directory is not one of the archive's";
    if (this.#taken.has(path)) return "its name comes twice";
    // tar-stream gives null for a type that it does not know.
    const type: string | null = header.type;
    if (type === null) return "of a type that pikaci does not know";
    return ["file", "directory", "symlink", "link"].includes(type) ? null : `a ${type.replace("-", " ")}`;
  }

  async #store(path: BytePath, entry: Entry, map: SparseMap): Promise<void> {
    if (path === "") return;
    this.#taken.add(path);
    const { type, linkname, mode } = entry.header;
    const target = Buffer.concat([this.#root, Buffer.from("/"), pathBytes(path)]);
    if (type === "directory") this.#directory(path, target);
    else if (type === "symlink") symlinkSync(Buffer.from(linkname, "latin1"), target);
    else if (type === "link") this.#hardLink(path, target, linkname);
    else await this.#file(path, target, entry, map, mode);
    if (type === "directory" || type === "symlink")
      this.#entries.push({ path: displayPath(path), type, size: 0 });
    const size = this.#files.get(path);
    if (size !== undefined) this.#entries.push({ path: displayPath(path), type: "file", size });
  }

  #directory(path: BytePath, target: Buffer): void {
    mkdirSync(target, { mode: 0o755 });
    this.#directories.add(path);
  }

  async #file(
    path: BytePath,
    target: Buffer,
    content: Entry,
    { size, data }: SparseMap,
    mode: number,
  ): Promise<void> {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const fd = openSync(target, flags, (mode & 0o777) | 0o600);
    try {
      for await (const { bytes, place } of placed(content as AsyncIterable<Buffer>, data))
        writeWithHoles(fd, bytes, place);
      ftruncateSync(fd, size);
    } catch (error) {
      unlinkSync(target);
      throw error;
    } finally {
      closeSync(fd);
    }
    this.#files.set(path, size);
  }

  #hardLink(path: BytePath, target: Buffer, linkname: string): void {
    const from = archivePath(linkname);
    const size = from === null ? undefined : this.#files.get(from);
    if (from === null || size === undefined) {
      this.#refuse(path, "a link to what is not in the archive");
      return;
    }
    linkSync(Buffer.concat([this.#root, Buffer.from("/"), pathBytes(from)]), target);
    this.#files.set(path, size);
  }
}

/** Why this machine cannot store an entry that the host could; rethrows errors that have other causes. */
function unstorable(error: unknown): string {
  const code = codeOf(error) ?? "";
  if (/^(ENAMETOOLONG|EILSEQ|EINVAL)$/.test(code))
    return `this machine's disk cannot hold its name (${code})`;
  if (code === "EEXIST") return "on this machine's disk it has the name of another";
  if (/^(EMLINK|ENOTSUP|EOPNOTSUPP|EPERM|EFBIG)$/.test(code))
    return `this machine's disk cannot hold it (${code})`;
  throw error;
}

/** `./a/b/` as `a/b`; the root as the empty path; null when absolute or with `..` or empty parts. */
function archivePath(name: string): BytePath | null {
  const parts = name
    .replace(/^\.\/?/, "")
    .replace(/\/$/, "")
    .split("/");
  if (parts.length === 1 && parts[0] === "") return bytePath(Buffer.alloc(0));
  return parts.some((part) => part === "" || part === "." || part === ".." || part.includes("\0"))
    ? null
    : bytePath(Buffer.from(parts.join("/"), "latin1"));
}

function parent(path: BytePath): BytePath {
  return bytePath(pathBytes(path).subarray(0, Math.max(0, path.lastIndexOf("/"))));
}

function diskError(error: unknown, root: string): unknown {
  const code = codeOf(error);
  return code === "ENOSPC" || code === "EDQUOT" || code === "EROFS" || code === "EACCES"
    ? new InfraError("client", `cannot store artifacts in ${join(root)}: ${String(code)}`, {
        hint: "free space on this machine, or run from another workspace",
        cause: error,
      })
    : error;
}
