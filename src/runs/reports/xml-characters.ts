const ESC = "\x1b";
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
/** What a terminal makes a colour of, less what could be the beginning of a tag. */
const COLOUR = new RegExp(`${ESC}\\[[\\d:;?]*[A-Za-z]`, "g");
/** In CDATA and in comments, what looks like a reference is text. */
const REFERENCE = /<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<!--[\s\S]*?(?:-->|$)|&#(?:x([0-9a-f]+)|([0-9]+));/gi;

/**
 * An XML text without the characters that XML 1.0 §2.2 forbids, whether written as they are or as references: programs
 * put the escapes of a terminal into their reports.
 */
export function withoutForbidden(text: string): string {
  return text.replace(REFERENCE, resolve).replace(COLOUR, "").replace(FORBIDDEN, "");
}

/** Makes a forbidden character of its reference; what is beyond Unicode is left for the parser to refuse. */
function resolve(all: string, hex?: string, decimal?: string): string {
  if (hex === undefined && decimal === undefined) return all;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  if (code > 0x10ffff) return all;
  const character = String.fromCodePoint(code);
  return character.search(FORBIDDEN) === 0 ? character : all;
}
