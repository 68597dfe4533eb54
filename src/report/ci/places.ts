import { posix } from "node:path";

export type Level = "error" | "warning" | "notice";

/** What a log says is wrong, without a place: the next line may have it. */
export interface Heading {
  readonly level: Level;
  readonly message: string;
}

/** Where a line of a log says that something is wrong: `file` is relative to the workspace. */
export interface Place extends Heading {
  readonly file: string;
  readonly line: number;
}

/** How a line is to be read: after which heading, and in which directory of the guest its job runs. */
interface Reading {
  readonly cwd: string;
  readonly heading: Heading | null;
}

const WORKSPACE = "/workspace";
const FILE = String.raw`(?<file>[^\s:()'"]+\.[A-Za-z0-9]+)`;
const WORDS = "(?:fatal )?(?:error|warning|note|notice|info|hint|help|remark)";

/** What compilers, linters and test runners print; the first that matches counts. */
const PATTERNS: readonly RegExp[] = [
  new RegExp(`^${FILE}\\((?<line>\\d+),\\d+\\): (?<message>${WORDS} .*)$`),
  new RegExp(
    `^(?:(?:error|warning): )?${FILE}:(?<line>\\d+)(?::\\d+)?(?::| -) ?(?<message>${WORDS}\\b.*)$`,
    "i",
  ),
  new RegExp(`^\\s*--> ${FILE}:(?<line>\\d+):\\d+()$`),
  new RegExp(`^${FILE}:(?<line>\\d+)(?::\\d+)?: (?<message>.*\\S.*)$`),
  new RegExp(`^\\s+at (?:.* \\()?(?:file://)?${FILE}:(?<line>\\d+):\\d+\\)?()$`),
];

/** `error[E0308]: mismatched types`, as rustc says it above the place. */
export function headingIn(line: string): Heading | null {
  const groups = /^(?<word>error|warning|note|help)(?:\[[^\]]*\])?: (?<message>.*\S.*)$/.exec(line)?.groups;
  return groups === undefined ? null : { level: levelOf(groups["word"] ?? ""), message: line };
}

/** The place that one sanitised line of a log names; null for most, and for what lies outside the workspace. */
export function placeIn(line: string, { cwd, heading }: Reading): Place | null {
  for (const pattern of PATTERNS) {
    const groups = pattern.exec(line)?.groups;
    if (groups === undefined) continue;
    const file = insideWorkspace(groups["file"] ?? "", cwd);
    const number = Number(groups["line"]);
    if (file === null || !Number.isSafeInteger(number) || number < 1) return null;
    const message = groups["message"] ?? "";
    const said = message === "" ? heading : null;
    return { file, line: number, ...(said ?? { level: levelOf(message), message }) };
  }
  return null;
}

/** By its first word; what has none of these words is an error, as its job did not pass. */
function levelOf(message: string): Level {
  if (/^\w*warning\b/i.test(message)) return "warning";
  return /^(note|notice|info|hint|help|remark)\b/i.test(message) ? "notice" : "error";
}

/** `/workspace/src/a.ts`, and `src/a.ts` as a job that runs in `cwd` says it, relative to the workspace. */
function insideWorkspace(path: string, cwd: string): string | null {
  const relative = posix.relative(WORKSPACE, posix.resolve(cwd, path));
  const parts = relative.split("/");
  return relative === "" || parts.includes("..") || parts.includes("node_modules") ? null : relative;
}
