import { readFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { dirname } from "node:path";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";

type Start = (
  exports: object,
  require: NodeJS.Require,
  module: { readonly exports: object },
  file: string,
  directory: string,
) => void;

/** Where what V8 made of a CommonJS bundle is kept, for one version of Node. */
export function compiledFile(bundle: string): string {
  return `${bundle}.${process.version}-${process.arch}.v8`;
}

/**
 * A CommonJS bundle as a script; what was kept (`compiledBytes`) saves compiling it. V8 refuses, and compiles again, what is
 * of another V8 or of one with other flags. The bundle is ASCII, as esbuild writes it.
 */
export function compileBundle(bundle: string, kept?: Buffer): Script {
  const text = readFileSync(bundle);
  const cachedData = kept === undefined ? undefined : keptOf(text, kept);
  return new Script(Module.wrap(text.toString("latin1")), {
    filename: bundle,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
}

/** What to keep of a bundle's script. */
export function compiledBytes(bundle: string, script: Script): Buffer {
  const data = script.createCachedData();
  return Buffer.concat([checksum(readFileSync(bundle), data), data]);
}

/**
 * V8 compares no more of the bundle than its length, and ends the process on data that is damaged: a checksum of both comes
 * first. Undefined where it is not theirs.
 */
function keptOf(text: Buffer, kept: Buffer): Buffer | undefined {
  const data = kept.subarray(SUM_BYTES);
  return kept.subarray(0, SUM_BYTES).equals(checksum(text, data)) ? data : undefined;
}

const SUM_BYTES = 4;

function checksum(text: Buffer, data: Buffer): Buffer {
  const sum = Buffer.alloc(SUM_BYTES);
  sum.writeUInt32LE(crc32(data, crc32(text)));
  return sum;
}

/** Runs a bundle's script as `require` would. */
export function startBundle(bundle: string, script: Script): void {
  const start: Start = script.runInThisContext();
  const module = { exports: {} };
  start(module.exports, createRequire(bundle), module, bundle, dirname(bundle));
}
