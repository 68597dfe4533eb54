/** Bytes of a block: headers and contents of a tar archive fill whole ones. */
export const BLOCK = 512;

/** Bytes between content of this size and the next block. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** Octal digits that fill a field and end in NUL. */
export function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}

/** Bytes of a field with a size or a place in a file. */
const WIDTH = 12;

/** Writes a size, up to 8 GiB in octal, beyond that in GNU's binary form. */
export function writeNumber(block: Buffer, at: number, value: number): void {
  if (value < 8 ** (WIDTH - 1)) block.write(octal(value, WIDTH), at);
  else {
    block.fill(0, at, at + WIDTH);
    block[at] = 0x80;
    block.writeBigUInt64BE(BigInt(value), at + 4);
  }
}

/** The inverse of `writeNumber`; null for what is no size, or 2^53 and more. */
export function readNumber(block: Buffer, at: number): number | null {
  const field = block.subarray(at, at + WIDTH);
  const value = field[0] === 0x80 ? binary(field) : digits(field.toString("latin1"));
  return Number.isSafeInteger(value) ? value : null;
}

function binary(field: Buffer): number {
  return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
}

function digits(text: string): number {
  const [, number = null] = /^ *([0-7]+)[ \0]*$/.exec(text) ?? [];
  return number === null ? Number.NaN : Number.parseInt(number, 8);
}

const SUM = 148;

/** Writes the header's sum of bytes, of which its own eight count as spaces. In words of four bytes: there may be 100,000 headers. */
export function writeSum(header: Buffer): void {
  header.write(" ".repeat(8), SUM);
  let [even, odd] = [0, 0];
  for (let at = 0; at < BLOCK; at += 4) {
    const word = header.readUInt32LE(at);
    even += word & 0x00ff00ff;
    odd += (word >>> 8) & 0x00ff00ff;
  }
  const sum = (even & 0xffff) + (even >>> 16) + (odd & 0xffff) + (odd >>> 16);
  header.write(`${octal(sum, 7)} `, SUM);
}
