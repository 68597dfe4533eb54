import type { Readable } from "node:stream";

/** What is sent back. A `HEAD` gets the same without the body. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | Readable;
}

export const HTML = "text/html; charset=utf-8";
export const TEXT = "text/plain; charset=utf-8";
export const JSON_TYPE = "application/json; charset=utf-8";

/** A whole body in memory. */
export function answer(status: number, type: string, body: string, headers: Answer["headers"] = {}): Answer {
  const length = String(Buffer.byteLength(body));
  return { status, headers: { "Content-Type": type, "Content-Length": length, ...headers }, body };
}

/**
 * What every answer has: the page may load its own script and style and ask its own server, and nothing else; it is not framed,
 * not kept, not read by other pages, and types are what they are said to be.
 */
export function commonHeaders(origin: string, base: string): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    `script-src ${origin}${base}app.js`,
    `style-src ${origin}${base}app.css`,
    `connect-src ${origin}`,
    "img-src data:",
    `form-action ${origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "Content-Security-Policy": policy.join("; "),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
  };
}
