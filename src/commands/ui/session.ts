import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** What one `pikaci ui` knows its browser by; all of it is made anew each time, and 256 bits long. */
export class Session {
  /** The first part of every path. A cookie of this path is not sent to other servers on this machine's ports. */
  readonly base: string = `/${secret()}/`;
  readonly #token = secret();
  readonly #cookie = secret();
  readonly #name: string;

  constructor(port: number) {
    this.#name = `pikaci-${port}`;
  }

  /** The address to open. A fragment is never sent, so the token is in no server's and no proxy's log. */
  address(authority: string): string {
    return `http://${authority}${this.base}#${this.#token}`;
  }

  /** The `Set-Cookie` for who has the token; null for anything else. */
  open(token: unknown): string | null {
    if (typeof token !== "string" || !equal(token, this.#token)) return null;
    return `${this.#name}=${this.#cookie}; Path=${this.base}; HttpOnly; SameSite=Strict`;
  }

  /** Whether a `Cookie` header has this session's. */
  isOpen(header: string | undefined): boolean {
    const values = (header ?? "").split(";").map((part) => part.trim().split("="));
    return values.some(([name, value = ""]) => name === this.#name && equal(value, this.#cookie));
  }
}

function secret(): string {
  return randomBytes(32).toString("base64url");
}

/** In a time that does not tell how much of it is equal. */
function equal(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
