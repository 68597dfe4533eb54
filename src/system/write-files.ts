import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { InfraError, UsageError } from "../core/errors.ts";
import type { TemplateFile } from "../core/template-file.ts";
import { codeOf } from "./error-code.ts";

/** Writes files into a new or empty directory. UsageError when it holds something, InfraError("client"). */
export function writeFiles(directory: string, files: readonly TemplateFile[]): void {
  try {
    mkdirSync(directory, { recursive: true });
    if (readdirSync(directory).length > 0)
      throw new UsageError(`${directory} is not empty`, {
        hint: "name a new directory: nothing is overwritten",
      });
    for (const file of files) writeFile(join(directory, file.path), file);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === null) throw cause;
    throw new InfraError("client", `cannot write ${directory}: ${code}`, {
      hint: "name a directory that you can write to, on a disk with room",
      cause,
    });
  }
}

function writeFile(path: string, { executable, content }: TemplateFile): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode: executable ? 0o755 : 0o644, flag: "wx" });
}
