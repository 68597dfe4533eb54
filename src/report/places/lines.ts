import type { Matcher } from "./matcher.ts";

const FILE = String.raw`(?<file>[^\s:][^:]*)`;
const LINE = String.raw`(?<line>\d+)`;
const WORD = "(?:fatal )?(?:error|warning|note|notice|info|hint|help|remark|style)";

/** Tools that say all in one line. Of those that match, the first whose file is there counts. */
export const lineMatchers: readonly Matcher[] = [
  {
    tool: "tsc, MSBuild",
    begins: new RegExp(
      String.raw`^(?<file>\S.*?)\(${LINE}(?:,\d+){0,3}\) ?: (?<message>(?:fatal )?(?<level>error|warning|info|message)\b.*)$`,
    ),
  },
  {
    tool: "gcc and all that print like it",
    begins: new RegExp(
      `^(?:(?:error|warning): )?${FILE}:${LINE}(?::\\d+)?(?::| -) ?(?<message>${WORD}\\b.*)$`,
      "i",
    ),
  },
  {
    tool: "Maven",
    begins: new RegExp(String.raw`^\[(?<level>ERROR|WARNING|INFO)\] ${FILE}:\[${LINE},\d+\] (?<message>.+)$`),
  },
  {
    tool: "make",
    begins: new RegExp(
      String.raw`^g?make(?:\[\d+\])?: \*\*\* (?<message>\[(?<file>[^\]:]+):${LINE}: [^\]]*\] .+)$`,
    ),
  },
  {
    tool: "assert of C",
    begins: new RegExp(String.raw`^[^\s:]+: ${FILE}:${LINE}: (?:.+: )?(?<message>Assertion .+ failed\.)$`),
  },
  {
    tool: "ld",
    begins: new RegExp(
      String.raw`^(?:\S*ld(?:\.\w+)?: )?${FILE}:${LINE}: (?<message>undefined reference .+)$`,
    ),
  },
  {
    tool: "FILE:LINE: message",
    begins: new RegExp(`^${FILE}:${LINE}(?::\\d+)?: (?<message>\\s*\\S.*)$`),
  },
  {
    tool: "go test",
    naming: "anywhere",
    begins: new RegExp(String.raw`^\s+(?<file>[^\s:/]+\.go):${LINE}: (?<message>.+)$`),
  },
  {
    tool: "dash, bash",
    begins: new RegExp(`^${FILE}: (?:line )?${LINE}: (?<message>.+)$`),
  },
];
