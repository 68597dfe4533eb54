/** Characters that a message shows of a text whose length somebody else decided. */
const LONGEST = 200;

/** A text for a message: in double quotes, JSON's escapes in it, cut after 200 characters. */
export function quoted(text: string): string {
  const more = text.length - LONGEST;
  return more > 0
    ? `${JSON.stringify(text.slice(0, LONGEST))} and ${more} more characters`
    : JSON.stringify(text);
}
