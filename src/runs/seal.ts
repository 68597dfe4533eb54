import { createHmac, timingSafeEqual } from "node:crypto";
import type { Memory } from "../core/context.ts";
import { encodeFields } from "../nix/outputs.ts";

/** The key to seal with, and the workspace that the sealed data is about. */
export type Sealer = Pick<Memory, "key" | "workspaceId">;

/** HMAC-SHA256 of a word (which names the kind of data and its version), the workspace and the fields; 64 hex digits. */
export function seal({ key, workspaceId }: Sealer, word: string, fields: readonly string[]): string {
  return createHmac("sha256", key)
    .update(encodeFields([word, workspaceId, ...fields]))
    .digest("hex");
}

/** Whether `mac` is this account's seal of these fields. */
export function isSealed(sealer: Sealer, word: string, fields: readonly string[], mac: string): boolean {
  const [own, given] = [Buffer.from(seal(sealer, word, fields)), Buffer.from(mac)];
  return own.length === given.length && timingSafeEqual(own, given);
}
