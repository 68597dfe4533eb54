import { createRequire } from "node:module";
import type * as Blake3 from "blake3";
import { InfraError } from "../core/errors.ts";
import { type ContentHash, parseContentHash } from "../core/ids.ts";

/** Bytes of a BLAKE3 digest. */
export const DIGEST_SIZE = 32;

/** Streaming BLAKE3; `digest` gives 64 lower-case hex digits. */
export interface Hasher {
  update(data: Buffer): this;
  digest(format: "hex"): string;
  reset(): void;
}

/** 32 bytes. Throws InfraError("client") when the native binding is missing, as everything here does. */
export function blake3(data: Uint8Array): Buffer {
  return native().blake3(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
}

/** 64 lower-case hex digits. */
export function blake3Hex(data: Uint8Array): string {
  return blake3(data).toString("hex");
}

/** The content hash of a canonical manifest, docs/manifest.md. */
export function contentHashOf(manifest: Uint8Array): ContentHash {
  return parseContentHash(blake3Hex(manifest));
}

export function createHasher(): Hasher {
  return new (native().Blake3Hasher)();
}

let loaded: typeof Blake3 | undefined;

function native(): typeof Blake3 {
  loaded ??= load(createRequire(import.meta.url));
  return loaded;
}

function load(require: NodeJS.Require): typeof Blake3 {
  const addon = glibcAddon(require);
  if (addon !== null) return addon;
  try {
    const binding: typeof Blake3 = require("blake3");
    if (isNative(require)) return binding;
  } catch (cause) {
    throw noNativeBlake3("is missing", cause);
  }
  throw noNativeBlake3("was replaced by one that is not native, many times slower");
}

/**
 * The addon for Linux with glibc, where it is installed: the package itself has Node write a diagnostic report first, to
 * tell it from musl, for which npm installs another. Null elsewhere.
 */
function glibcAddon(require: NodeJS.Require): typeof Blake3 | null {
  if (process.platform !== "linux") return null;
  try {
    const ofPackage = createRequire(require.resolve("blake3"));
    const file = ofPackage.resolve(`@napi-rs/blake-hash-linux-${process.arch}-gnu`);
    if (!file.endsWith(".node")) return null;
    const addon: typeof Blake3 = ofPackage(file);
    return addon;
  } catch {
    return null; // the package says what is missing
  }
}

/** Some releases of the package take WebAssembly where they find no compiled addon, or are told to. */
function isNative(require: NodeJS.Require): boolean {
  const wrapper = require.cache[require.resolve("blake3")];
  return wrapper?.children.some(({ filename }) => filename.endsWith(".node")) ?? false;
}

function noNativeBlake3(what: string, cause?: unknown): InfraError {
  return new InfraError(
    "client",
    `the native BLAKE3 binding for ${process.platform}-${process.arch} ${what}`,
    {
      hint: "run `npm ci` again with optional dependencies (no --omit=optional)",
      cause,
    },
  );
}
