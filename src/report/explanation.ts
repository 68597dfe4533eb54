import { displayPath } from "../core/byte-path.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { Explanation } from "../tree/explanation.ts";
import { sanitise } from "./sanitise.ts";

/** What `pikaci snapshot --explain --json` prints: `path` as in `pikaci snapshot --json`. */
export function reportExplanation({ path, ...explanation }: Explanation): object {
  return { schema_version: SCHEMA_VERSION, path: displayPath(path), ...explanation };
}

/** `out: dist/app.js is ignored by git: …`. */
export function formatExplanation({ path, verdict, text }: Explanation): string {
  return sanitise(`${verdict}: ${displayPath(path) || "."} ${text}`);
}
