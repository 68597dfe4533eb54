/** A document that a host keeps under a key; nobody has looked into it. */
export interface ToldVerdict {
  /** The `lookupKey` that was asked for. */
  readonly key: string;
  readonly name: string;
  readonly bytes: Buffer;
}

const HEAD = /^([0-9a-f]{64}) ([0-9a-f]{64}) (\d{1,7})$/;

/** The body of a `verdicts` frame: for each document a line `KEY NAME BYTES`, its bytes and a newline; null for anything else. */
export function parseTold(body: Buffer): readonly ToldVerdict[] | null {
  const told: ToldVerdict[] = [];
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf("\n", at);
    const [, key, name, length] = HEAD.exec(body.toString("latin1", at, end)) ?? [];
    if (end === -1 || key === undefined || name === undefined) return null;
    const start = end + 1;
    const bytes = body.subarray(start, start + Number(length));
    if (bytes.length !== Number(length) || body[start + bytes.length] !== 0x0a) return null;
    told.push({ key, name, bytes });
    at = start + bytes.length + 1;
  }
  return told;
}
