import * as z from "zod";
import type { DocumentOf } from "./document.ts";
import { SCHEMA_VERSION } from "./schema-version.ts";

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** SHA-256 each; docs/caching.md says of what. */
export const seenSchema = z.object({
  packages: digest,
  /** Of `/usr/local`. */
  local: digest,
  /** Of the entries of `/etc` that every guest is shown. */
  etc: digest,
  /** Of `/etc/hosts` and `/etc/resolv.conf`, which a guest with the host's network is shown. */
  names: digest,
});

/** A `HostView` inside a document. */
export const hostViewSchema = z.object({
  schema_version: z.literal(SCHEMA_VERSION),
  host: z.string(),
  /** Nix platform. */
  system: z.string(),
  /** What a guest that is shown the host's /usr and /etc sees of them; null where nobody asked. */
  seen: seenSchema.nullable(),
  /** Of the static busybox that a guest without /usr is given; null where there is none, or nobody asked. */
  busybox: digest.nullable(),
});

/** What a guest that is shown the host's `/usr` and `/etc` sees of them; SHA-256 each, 64 hex digits. */
export type SeenFacts = DocumentOf<typeof seenSchema>;

/** `hosts/<hash>.json` of a workspace's cache: what guests saw of a host when it was last asked. */
export type HostView = DocumentOf<typeof hostViewSchema>;
