#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { compileBundle, compiledFile, startBundle } from "./system/compiled.ts";

/** Starts the bundled program, as V8 compiled it when it was built where this is the Node that built it. */
const program = join(import.meta.dirname, "program.cjs");
const kept = read(compiledFile(program));
if (kept === null) createRequire(program)(program);
else startBundle(program, compileBundle(program, kept));

/** Null where it is not there or cannot be read: it saves time, and nothing depends on it. */
function read(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}
