/** One POSIX shell word; zx's own `quote` writes `$'…'`, which dash does not know. */
export function posixQuote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line for a POSIX shell. */
export function posixCommand(argv: readonly string[]): string {
  return argv.map(posixQuote).join(" ");
}
