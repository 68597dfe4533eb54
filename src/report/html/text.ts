import { sanitise } from "../sanitise.ts";
import { escapeHtml } from "./escape.ts";

/** Untrusted text as it stands in HTML, in content and in quoted attributes: without terminal escapes, escaped. */
export function text(untrusted: string): string {
  return escapeHtml(sanitise(untrusted));
}

/** The id of a part of a job's: no white space, which an id may not have, and no character that an address writes otherwise. */
export function anchor(part: string, job: string): string {
  const odd = (character: string) => `:${character.charCodeAt(0).toString(16)}:`;
  return `${part}-${job.replace(/[^A-Za-z0-9._-]/g, odd)}`;
}

/** A relative path as a link's address: no part of it can be read as a scheme or leave as a query. */
export function href(path: string): string {
  const parts = path.split("/").map((part) => encodeURIComponent(part));
  return escapeHtml(
    path.startsWith("/") || path.startsWith("../") ? parts.join("/") : `./${parts.join("/")}`,
  );
}
