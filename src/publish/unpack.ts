import {
  closeSync,
  constants,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";
import { type BytePath, bytePath, displayPath, pathBytes } from "../core/byte-path.ts";
import { InfraError, PikaciError } from "../core/errors.ts";
import type { ArtifactEntry } from "../core/run-record.ts";
import { codeOf } from "../system/error-code.ts";

export interface Unpacked {
  readonly entries: readonly ArtifactEntry[];
  /** `<path>: <reason>` of what was in the stream and not stored. */
  readonly leftOut: readonly string[];
}

/** The most files, directories and links that a job may leave; src/host/feed.sh has the same limit. */
export const ARTIFACT_ENTRIES = 100_000;

/**
 * Unpacks a tar stream from an untrusted host: only inside `root`, never through a link, without devices and setuid bits, and
 * at most `limitBytes` of the stream. InfraError("host") for a stream that is no archive or too long, InfraError("client").
 */
export async function unpackArtifacts(
  bytes: AsyncIterable<Buffer>,
  root: string,
  limitBytes = Number.POSITIVE_INFINITY,
): Promise<Unpacked> {
  mkdirSync(root, { recursive: true });
  const unpacker = new Unpacker(root);
  const archive = extract(latin1Names);
  let broken: unknown = null;
  archive.on("error", (error: unknown) => {
    broken = error;
  });
  const store = async () => {
    for await (const entry of archive) await unpacker.add(entry);
  };
  await Promise.all([
    pipeline(Readable.from(limited(bytes, limitBytes)), archive as unknown as NodeJS.WritableStream),
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

/** One character per byte, so that no name is lost; tar-stream's types lack the option. */
const latin1Names: Parameters<typeof extract>[0] & { filenameEncoding: string } = {
  filenameEncoding: "latin1",
};

type Entry = ReturnType<typeof extract> extends AsyncIterable<infer Source> ? Source : never;

class Unpacker {
  readonly #root: Buffer;
  readonly #directories = new Set<BytePath>([bytePath(Buffer.alloc(0))]);
  readonly #files = new Set<BytePath>();
  readonly #taken = new Set<BytePath>();
  readonly #entries: ArtifactEntry[] = [];
  readonly #leftOut: string[] = [];
  #seen = 0;

  constructor(root: string) {
    this.#root = Buffer.from(root);
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
    const refusal = path === null ? "unsafe name" : this.#refusal(path, entry.header);
    if (path !== null && refusal === null)
      await this.#store(path, entry).catch((error: unknown) => this.#refuse(path, unstorable(error)));
    else this.#refuse(path ?? entry.header.name, refusal ?? "");
    entry.resume();
  }

  #refuse(name: string, reason: string): void {
    this.#leftOut.push(`${displayPath(bytePath(Buffer.from(name, "latin1")))}: ${reason}`);
  }

  #refusal(path: BytePath, header: Header): string | null {
    if (path === "") return null;
    if (!this.#directories.has(parent(path))) return "its directory is not one of the archive's";
    if (this.#taken.has(path)) return "its name comes twice";
    // tar-stream gives null for a type that it does not know.
    const type: string | null = header.type;
    if (type === null) return "of a type that pikaci does not know";
    return ["file", "directory", "symlink", "link"].includes(type) ? null : `a ${type.replace("-", " ")}`;
  }

  async #store(path: BytePath, entry: Entry): Promise<void> {
    if (path === "") return;
    this.#taken.add(path);
    const { type, linkname, size, mode } = entry.header;
    const target = Buffer.concat([this.#root, Buffer.from("/"), pathBytes(path)]);
    if (type === "directory") this.#directory(path, target);
    else if (type === "symlink") symlinkSync(Buffer.from(linkname, "latin1"), target);
    else if (type === "link") this.#hardLink(path, target, linkname);
    else await this.#file(path, target, entry, mode);
    if (type === "directory" || type === "symlink")
      this.#entries.push({ path: displayPath(path), type, size: 0 });
    else if (this.#files.has(path)) this.#entries.push({ path: displayPath(path), type: "file", size });
  }

  #directory(path: BytePath, target: Buffer): void {
    mkdirSync(target, { mode: 0o755 });
    this.#directories.add(path);
  }

  async #file(path: BytePath, target: Buffer, content: Entry, mode: number): Promise<void> {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const fd = openSync(target, flags, (mode & 0o777) | 0o600);
    try {
      let size = 0;
      for await (const chunk of content as AsyncIterable<Buffer>) {
        writeWithHoles(fd, chunk, size);
        size += chunk.length;
      }
      ftruncateSync(fd, size);
    } finally {
      closeSync(fd);
    }
    this.#files.add(path);
  }

  #hardLink(path: BytePath, target: Buffer, linkname: string): void {
    const from = archivePath(linkname);
    if (from === null || !this.#files.has(from)) {
      this.#refuse(path, "a link to what is not in the archive");
      return;
    }
    linkSync(Buffer.concat([this.#root, Buffer.from("/"), pathBytes(from)]), target);
    this.#files.add(path);
  }
}

/** Why this machine cannot store an entry that the host could; rethrows errors that have other causes. */
function unstorable(error: unknown): string {
  const code = codeOf(error) ?? "";
  if (/^(ENAMETOOLONG|EILSEQ|EINVAL)$/.test(code))
    return `this machine's disk cannot hold its name (${code})`;
  if (code === "EEXIST") return "on this machine's disk it has the name of another";
  if (/^(EMLINK|ENOTSUP|EOPNOTSUPP|EPERM)$/.test(code)) return `this machine's disk cannot hold it (${code})`;
  throw error;
}

/** Writes a chunk of a new file at its place; blocks of zeros stay holes, as they are in a sparse file of the guest. */
function writeWithHoles(fd: number, chunk: Buffer, place: number): void {
  const blockEnd = (at: number) => Math.min(chunk.length, at + BLOCK - ((place + at) % BLOCK));
  for (let start = 0; start < chunk.length; ) {
    let end = blockEnd(start);
    const isHole = isZero(chunk.subarray(start, end));
    while (end < chunk.length && isZero(chunk.subarray(end, blockEnd(end))) === isHole) end = blockEnd(end);
    if (!isHole) writeAll(fd, chunk.subarray(start, end), place + start);
    start = end;
  }
}

const BLOCK = 4096;
const ZEROS = Buffer.alloc(BLOCK);

function isZero(block: Buffer): boolean {
  return block.equals(ZEROS.subarray(0, block.length));
}

function writeAll(fd: number, bytes: Buffer, place: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, place + at);
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
