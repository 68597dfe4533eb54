/** Bytes of an entry before its flags: ten numbers of 32 bits, an object's id of 20 bytes. */
const FLAGS = 60;
const HEAD = 12;
const ID = 20;
const GITLINK = 0o16;
/** `assume-valid`, `extended` (skip-worktree, intent-to-add) and the stage of an unmerged path. */
const UNUSUAL = 0x8000 | 0x4000 | 0x3000;
/** Extensions that say more of what is tracked: a base index, sparse directories, what a file system monitor saw. */
const DECISIVE = ["link", "sdir", "FSMN"];

/**
 * Whether a git index holds files and symlinks, as they are on disk, and nothing else: no submodules, unmerged or intended
 * paths, no paths that git is told not to look at; with a checksum, and of SHA-1.
 */
export function isPlainIndex(bytes: Buffer): boolean {
  if (bytes.length < HEAD + ID || bytes.toString("latin1", 0, 4) !== "DIRC") return false;
  const version = bytes.readUInt32BE(4);
  if (version < 2 || version > 4 || bytes.subarray(-ID).every((byte) => byte === 0)) return false;
  const end = endOfEntries(bytes, version === 4);
  return end !== null && extensionsOf(bytes, end).every((name) => !DECISIVE.includes(name));
}

/** Null at the first unusual entry. */
function endOfEntries(bytes: Buffer, isCompressed: boolean): number | null {
  let at = HEAD;
  for (let left = bytes.readUInt32BE(8); left > 0; left -= 1) {
    if (at + FLAGS + 2 > bytes.length - ID) return null;
    const mode = bytes.readUInt32BE(at + 24);
    if (mode >>> 12 === GITLINK || (bytes.readUInt16BE(at + FLAGS) & UNUSUAL) !== 0) return null;
    const nul = endOfName(bytes, at + FLAGS + 2, isCompressed);
    at = isCompressed ? nul + 1 : at + 8 * (Math.floor((nul - at) / 8) + 1);
  }
  return at;
}

/** A compressed name begins with a number: each byte but its last has the highest bit set. */
function endOfName(bytes: Buffer, start: number, isCompressed: boolean): number {
  let at = start;
  if (isCompressed) {
    while (((bytes[at] ?? 0) & 0x80) !== 0) at += 1;
    at += 1;
  }
  return bytes.indexOf(0, at);
}

/** Names of four letters; one that breaks off gives the empty name. */
function extensionsOf(bytes: Buffer, start: number): string[] {
  const names: string[] = [];
  for (let at = start; at + 8 <= bytes.length - ID; at += 8 + bytes.readUInt32BE(at + 4))
    names.push(bytes.toString("latin1", at, at + 4));
  return names;
}
