/** One place that apt may fetch from; `suite` as written, for example `bookworm-updates`. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
}

/** The binary sources of an apt file's text: deb822 for a name ending in .sources, else one-line. */
export function parseAptSources(name: string, text: string): AptSource[] {
  const lines = text.split("\n").filter((line) => !/^\s*#/.test(line));
  return name.endsWith(".sources") ? parseStanzas(lines) : lines.flatMap(parseOneLine);
}

/** The mirror of Debian's main archive among these sources, without a trailing slash. */
export function debianArchive(sources: readonly AptSource[]): string | undefined {
  const main = sources.find(({ uri, suite }) => /\/debian\/?$/.test(uri) && !suite.includes("/"));
  return main?.uri.replace(/\/$/, "");
}

function parseStanzas(lines: readonly string[]): AptSource[] {
  const stanzas = lines.join("\n").split(/\n\s*\n/);
  return stanzas.flatMap((stanza) => {
    const words = (key: string) =>
      (new RegExp(`^${key}:((?:.*)(?:\\n[ \\t].*)*)`, "im").exec(stanza)?.[1] ?? "").trim().split(/\s+/);
    if (!words("Types").includes("deb") || words("Enabled")[0] === "no") return [];
    return words("URIs").flatMap((uri) => words("Suites").map((suite) => ({ uri, suite })));
  });
}

function parseOneLine(line: string): AptSource[] {
  const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line);
  return match?.[1] !== undefined && match[2] !== undefined ? [{ uri: match[1], suite: match[2] }] : [];
}
