import { sanitise } from "../sanitise.ts";
import { escapeHtml } from "./escape.ts";

/** Untrusted text as it stands in HTML, in content and in quoted attributes: without terminal escapes, escaped. */
export function text(untrusted: string): string {
  return escapeHtml(sanitise(untrusted));
}

/** A relative path as a link's address: no part of it can be read as a scheme or leave as a query. */
export function href(path: string): string {
  const parts = path.split("/").map((part) => encodeURIComponent(part));
  return escapeHtml(
    path.startsWith("/") || path.startsWith("../") ? parts.join("/") : `./${parts.join("/")}`,
  );
}
