import { join } from "node:path";
import * as z from "zod";
import type { Context } from "../core/context.ts";
import { PikaciError } from "../core/errors.ts";
import { type HostView, hostViewSchema } from "../core/host-view.ts";
import type { BackendName } from "../core/machine-shape.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { HostParts } from "../core/verdict.ts";
import type { HostSession } from "../remote/session.ts";
import { blake3Hex } from "../system/blake3.ts";
import { isNoDocument, makeDirectory, readJson, writeJson } from "../system/client-files.ts";

/** The parts for a guest that sees nothing of its host. */
export const NO_HOST_PARTS: HostParts = {
  "host packages": "",
  "host /usr/local": "",
  "host /etc": "",
  "host architecture": "",
};

/** Parts of a key for what a job's guest sees of its host; null when the host did not say. */
export function hostParts(
  backend: BackendName,
  network: string,
  { system, seen, busybox }: Pick<HostView, "system" | "seen" | "busybox">,
): HostParts | null {
  switch (backend) {
    case "microvm":
      return NO_HOST_PARTS;
    case "derivation":
      return busybox === null ? null : { ...NO_HOST_PARTS, "host packages": `busybox ${busybox}` };
    case "sandbox":
    case "minivm":
      if (seen === null) return null;
      return {
        "host packages": seen.packages,
        "host /usr/local": seen.local,
        "host /etc": network === "host" ? `${seen.etc} ${seen.names}` : seen.etc,
        "host architecture": system,
      };
  }
}

type Place = Pick<Context, "memory">;

function fileOf({ memory }: Place, host: string): string | null {
  return memory.directory === null
    ? null
    : join(memory.directory, "hosts", `${blake3Hex(Buffer.from(host))}.json`);
}

/**
 * Remembers what guests see of a host, for `why`, which asks no host, and the host's system, for the checks of a flake. Facts
 * that were not asked for stay as they were.
 */
export function rememberHost({ connection, facts }: HostSession, context: Context): void {
  const { url } = connection.host;
  const path = fileOf(context, url);
  if (path === null) return;
  const known = findHostView(url, context);
  const view: HostView = {
    schema_version: SCHEMA_VERSION,
    host: url,
    system: facts.system,
    seen: facts.seen ?? known?.seen ?? null,
    busybox: facts.busybox ?? known?.busybox ?? null,
  };
  if (JSON.stringify(view) === JSON.stringify(known)) return;
  try {
    makeDirectory(join(path, ".."));
    writeJson(path, view);
  } catch (error) {
    if (!(error instanceof PikaciError)) throw error;
    const message = `what guests see of ${url} is not remembered: ${error.message}`;
    context.emit({ type: "warning", message, hint: error.hint ?? null });
  }
}

/** What guests saw of a host when it was last asked; null when nothing, or nothing that can be read, is remembered. */
export function findHostView(host: string, place: Place): HostView | null {
  const path = fileOf(place, host);
  try {
    const view = path === null ? null : hostViewSchema.parse(readJson(path));
    return view?.host === host ? view : null;
  } catch (error) {
    if (error instanceof z.ZodError || isNoDocument(error)) return null;
    throw error;
  }
}
