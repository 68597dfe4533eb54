import { InfraError } from "../core/errors.ts";
import { type StoredKey, storedKeySchema } from "../core/verdict.ts";
import { readJson } from "../system/client-files.ts";

/** `verdict-key.json` of a job. InfraError("client") when it cannot be read. */
export function readKey(path: string): StoredKey {
  try {
    const { untrusted, purpose, parts } = storedKeySchema.parse(readJson(path));
    return { untrusted, purpose, parts };
  } catch (cause) {
    throw new InfraError("client", `what the verdict depends on cannot be read from ${path}`, { cause });
  }
}
