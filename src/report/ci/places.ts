/** Where a line of a log says that something is wrong: `path` is relative to the workspace. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

const FILE = String.raw`(?<file>[^\s:()'"]+\.[A-Za-z0-9]+)`;

/** What compilers, linters and test runners print; the first that matches counts. */
const PATTERNS: readonly RegExp[] = [
  new RegExp(`^${FILE}\\((?<line>\\d+),\\d+\\): (?<message>error .*)$`),
  new RegExp(`^(?:error: )?${FILE}:(?<line>\\d+)(?::\\d+)?(?::| -) ?(?<message>(?:fatal )?error\\b.*)$`, "i"),
  new RegExp(`^\\s*--> ${FILE}:(?<line>\\d+):\\d+()$`),
  new RegExp(`^${FILE}:(?<line>\\d+)(?::\\d+)?: (?<message>.*\\S.*)$`),
  new RegExp(`^\\s+at (?:.* \\()?(?:file://)?${FILE}:(?<line>\\d+):\\d+\\)?()$`),
];

/** The place that one sanitised line of a log names; null for most, and for what lies outside the workspace. */
export function placeIn(line: string): Place | null {
  for (const pattern of PATTERNS) {
    const groups = pattern.exec(line)?.groups;
    if (groups === undefined) continue;
    const file = insideWorkspace(groups["file"] ?? "");
    const number = Number(groups["line"]);
    return file === null || !Number.isSafeInteger(number) || number < 1
      ? null
      : { file, line: number, message: groups["message"] ?? "" };
  }
  return null;
}

/** `/workspace/src/a.ts` and `./src/a.ts` as `src/a.ts`. */
function insideWorkspace(path: string): string | null {
  const relative = path.replace(/^\/workspace\//, "").replace(/^(\.\/)+/, "");
  const parts = relative.split("/");
  const strange = relative.startsWith("/") || parts.includes("..") || parts.includes("node_modules");
  return strange || relative === "" ? null : relative;
}
