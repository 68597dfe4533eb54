import { readFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { dirname } from "node:path";
import { Script } from "node:vm";

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
 * A CommonJS bundle as a script; what was kept (`Script.createCachedData`) saves compiling it. V8 refuses, and compiles
 * again, what is of another V8 or of one with other flags. The bundle is ASCII, as esbuild writes it.
 */
export function compileBundle(bundle: string, kept?: Buffer): Script {
  return new Script(Module.wrap(readFileSync(bundle, "latin1")), {
    filename: bundle,
    ...(kept === undefined ? {} : { cachedData: kept }),
  });
}

/** Runs a bundle's script as `require` would. */
export function startBundle(bundle: string, script: Script): void {
  const start: Start = script.runInThisContext();
  const module = { exports: {} };
  start(module.exports, createRequire(bundle), module, bundle, dirname(bundle));
}
