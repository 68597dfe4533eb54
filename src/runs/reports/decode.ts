import { TextDecoder } from "node:util";

const BYTE_ORDER_MARKS: readonly (readonly [encoding: string, bytes: readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** The text of a report that may begin with a byte order mark; without one it is UTF-8, as TAP is. */
export function decodeText(bytes: Buffer): string {
  return decode(bytes, markedEncoding(bytes) ?? "utf-8");
}

/**
 * The text of an XML file: the byte order mark decides, then the declaration, then it is UTF-8 (XML 1.0 §4.3.3 and
 * appendix F). Throws Error when the declared encoding is not known.
 */
export function decodeXml(bytes: Buffer): string {
  return decode(bytes, markedEncoding(bytes) ?? wideEncoding(bytes) ?? declaredEncoding(bytes) ?? "utf-8");
}

function markedEncoding(bytes: Buffer): string | undefined {
  return BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte))?.[0];
}

/** Without a mark, the zero beside the first `<` tells UTF-16. */
function wideEncoding(bytes: Buffer): string | undefined {
  if (bytes[0] === 0x3c && bytes[1] === 0) return "utf-16le";
  return bytes[0] === 0 && bytes[1] === 0x3c ? "utf-16be" : undefined;
}

/** A declaration that can be read byte by byte is not UTF-16, whatever it says. */
function declaredEncoding(bytes: Buffer): string | undefined {
  const head = bytes.toString("latin1", 0, 256);
  const declared = /^<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"']*)["']/.exec(head)?.[1];
  return declared === undefined || /^utf-?16/i.test(declared) ? undefined : declared;
}

/**
 * In pieces, because Node 20 reads windows-1252 in one piece as ISO-8859-1: 0x93 is then a control character and no
 * quotation mark.
 */
function decode(bytes: Buffer, encoding: string): string {
  const decoder = decoderOf(encoding);
  return decoder.decode(bytes, { stream: true }) + decoder.decode();
}

function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch {
    throw new Error(`its encoding "${encoding}" is not known`);
  }
}
