/** Lists of texts, one latin1 character a byte, as bytes: each list begins with its length, each text with its own. */
export function packLists(lists: readonly (readonly string[])[]): Buffer {
  const size = lists.reduce((sum, list) => sum + list.reduce((all, text) => all + 4 + text.length, 4), 4);
  const bytes = Buffer.allocUnsafe(size);
  let at = bytes.writeUInt32LE(lists.length);
  for (const list of lists) {
    at = bytes.writeUInt32LE(list.length, at);
    for (const text of list) {
      at = bytes.writeUInt32LE(text.length, at);
      at += bytes.write(text, at, "latin1");
    }
  }
  return bytes;
}

/** The inverse of `packLists`, for bytes that it wrote. */
export function unpackLists(bytes: Buffer): string[][] {
  let at = 0;
  const number = () => {
    at += 4;
    return bytes.readUInt32LE(at - 4);
  };
  const text = () => {
    const length = number();
    at += length;
    return bytes.toString("latin1", at - length, at);
  };
  const list = () => Array.from({ length: number() }, text);
  return Array.from({ length: number() }, list);
}

/** Any text as one latin1 character a byte of its UTF-8. */
export function toLatin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The inverse of `toLatin1`. */
export function fromLatin1(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
