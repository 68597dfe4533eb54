#!/usr/bin/env node
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { compileBundle, compiledFile, startBundle } from "./system/compiled.ts";

/** Starts the bundled program, as V8 compiled it when it was built where this is the Node that built it. */
const program = join(import.meta.dirname, "program.cjs");
const compiled = compiledFile(program);
if (existsSync(compiled)) startBundle(program, compileBundle(program, readFileSync(compiled)));
else createRequire(program)(program);
