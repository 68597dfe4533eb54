/** What a request says of where it comes from. Header values are as they were sent. */
export interface Asked {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which every present browser sends. */
  readonly site: string | undefined;
  readonly contentType: string | undefined;
}

interface Refusal {
  readonly status: number;
  readonly message: string;
}

const METHODS: readonly string[] = ["GET", "HEAD", "POST"];

/**
 * Why a request is refused, whatever it asks for; null when it is not. `authority` is what the address names, `127.0.0.1:PORT`: a name
 * that somebody has made lead here (DNS rebinding) is another, and so is the origin of another page. A request that changes
 * something must name its origin, and be of a type that no form can send.
 */
export function refusal(asked: Asked, authority: string): Refusal | null {
  const { method, host, origin, site, contentType } = asked;
  if (!METHODS.includes(method)) return { status: 405, message: "only GET, HEAD and POST" };
  if (host !== authority) return { status: 421, message: `this is ${authority}` };
  if (origin !== undefined && origin !== `http://${authority}`) return FOREIGN;
  if (site !== undefined && !["same-origin", "none"].includes(site)) return FOREIGN;
  if (method !== "POST") return null;
  if (origin === undefined) return FOREIGN;
  if (contentType?.split(";", 1)[0]?.trim() !== "application/json")
    return { status: 415, message: "only application/json" };
  return null;
}

const FOREIGN: Refusal = { status: 403, message: "not from a page of pikaci ui" };
