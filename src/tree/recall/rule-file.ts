import type { BytePath } from "../../core/byte-path.ts";

/** Whether a path holds rules for other paths. */
export function isRuleFile(path: BytePath): boolean {
  return /(?:^|\/)\.git(?:ignore|attributes)$/.test(path);
}
