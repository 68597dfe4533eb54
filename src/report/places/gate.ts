/**
 * Whether any of the expressions matches, told several times as fast as by asking each: most lines of a log match none.
 * They have no back references, since groups lose their names.
 */
export function anyOf(expressions: readonly RegExp[]): (line: string) => boolean {
  const flags = [...new Set(expressions.map((one) => one.flags))];
  const gates = flags.map((flag) => {
    const sources = expressions.filter((one) => one.flags === flag).map((one) => `(?:${unnamed(one)})`);
    return new RegExp(sources.join("|"), flag);
  });
  return (line) => gates.some((gate) => gate.test(line));
}

function unnamed({ source }: RegExp): string {
  return source.replace(/\(\?<\w+>/g, "(?:");
}
