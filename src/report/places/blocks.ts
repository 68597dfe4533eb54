import type { Matcher } from "./matcher.ts";

const LINE = String.raw`(?<line>\d+)`;
/** `Error: …`, `TypeError [ERR_X]: …`, `x.y.BadException: …` */
const RAISED = String.raw`(?:[\w.$]+\.)?(?:[A-Z]\w*)?(?:Error|Exception|Warning)(?: \[\w+\])?(?:: .*|$)`;
const NODE_FRAME = new RegExp(
  String.raw`^\s+at (?=.*:\d+:\d+\)?(?: \{)?$)(?:.* \()?(?:async )?(?<file>(?:file:\/\/|\.{0,2}\/)?[^\s:].*?):${LINE}:\d+\)?(?: \{)?$`,
);
const NIX_FRAME = new RegExp(String.raw`^\s+at (?<file>\/.+):${LINE}:\d+:$`);
const NIX_SOURCE = /^\s+(?:\d+)?\|/;
const GO_FRAME = new RegExp(String.raw`^\t(?<file>\S.*?\.\w+):${LINE}(?: \+0x[0-9a-f]+)?$`);
const JAVA_FRAME = new RegExp(
  String.raw`^\s+at (?=[\w.@/$<>-]+\([^()]+\)$)(?:[\w.@-]*\/)*(?<package>(?:[a-z_]\w*\.)*)[\w.$<>]+\((?<file>[\w$-]+\.\w+):${LINE}\)$`,
);
const PHP_FRAME = new RegExp(String.raw`^#\d+ (?<file>\/[^(]+)\(${LINE}\): `);
const PYTHON_FILE = `File "(?<file>[^"]+)", line ${LINE}`;
const PYTHON_FRAME = new RegExp(String.raw`^\s*${PYTHON_FILE}`);

/** Tools that need more than a line; each of their reports is one place. */
export const blockMatchers: readonly Matcher[] = [
  {
    tool: "rustc",
    heading: { line: /^(?<message>(?<level>error|warning|note|help)(?:\[[^\]]*\])?: \s*\S.*)$/, within: 1 },
    begins: new RegExp(String.raw`^\s*--> (?<file>\S.*?):${LINE}:\d+$`),
  },
  {
    tool: "Rust's panics",
    begins: new RegExp(String.raw`^thread '.*' (?:\(\d+\) )?panicked at (?<file>\S.*?):${LINE}:\d+:$`),
    next: [/^(?<message>.+)$/],
    goesOn: [/^\s+(?:left|right): /, /^stack backtrace:$/, /^\s+\d+: /, /^\s+at /],
  },
  {
    tool: "Nix",
    heading: { line: /^\s*(?<message>(?<level>error|warning): \s*\S.*)$/, within: 2 },
    begins: NIX_FRAME,
    goesOn: [NIX_FRAME, NIX_SOURCE, /^\s*$/, /^\s+… /],
  },
  {
    tool: "Nix, its trace first",
    begins: /^error:$/,
    goesOn: [NIX_FRAME, NIX_SOURCE, /^\s*$/, /^\s+… /, /^\s+(?<message>error: .+)$/],
    counts: "last",
  },
  {
    tool: "CMake",
    begins: new RegExp(
      String.raw`^CMake (?<level>Error|Warning|Deprecation Warning)(?: \(dev\))? at (?<file>.+?):${LINE}(?: \(.*\))?:$`,
    ),
    goesOn: [/^ {2}(?<message>\S.*)$/],
    says: "all",
  },
  {
    tool: "eslint, stylish",
    begins: /^(?<file>\/[^:]*[^:\s])$/,
    goesOn: [
      new RegExp(
        String.raw`^\s+${LINE}:\d+\s+(?<level>error|warning)\s+(?<message>\S.*?)(?:(?<!\s)\s{2,}\S+)?$`,
      ),
    ],
    counts: "each",
  },
  {
    tool: "shellcheck",
    begins: new RegExp(`^In (?<file>.+) line ${LINE}:$`),
    next: [/^/],
    goesOn: [/^\s*\^-+\^? (?<message>SC\d+ \((?<level>\w+)\): .+)$/],
    counts: "each",
  },
  {
    tool: "biome",
    begins: new RegExp(String.raw`^(?=.*━$)(?<file>\S.*?):${LINE}:\d+ [\w/]+ `),
    next: [/^\s*$/, /^\s+(?<level>[×!ℹi⚠]) (?<message>.+)$/],
  },
  {
    tool: "vitest",
    heading: { line: new RegExp(`^(?<message>${RAISED})`), within: 100 },
    begins: new RegExp(String.raw`^ ❯ (?:\S.* )?(?<file>[^\s:]+):${LINE}:\d+$`),
    goesOn: [new RegExp(String.raw`^ ❯ (?:\S.* )?(?<file>[^\s:]+):${LINE}:\d+$`), /^\s+(?:\d+)?\| ?/],
  },
  {
    tool: "node, what nothing caught",
    begins: new RegExp(String.raw`^(?<file>(?:file:\/\/)?\/.+):${LINE}$`),
    next: [/\S/, /^\s*\^+\s*$/, /^$/, /^(?<message>.+)$/],
    goesOn: [NODE_FRAME, /^\s+at /, /^\s+\.\.\. \d+ lines matching/, /^\s+\[cause\]: /],
  },
  {
    tool: "node, jest, mocha",
    heading: {
      line: new RegExp(String.raw`^\s*(?:Uncaught )?(?<message>${RAISED}|expect\(.+)`),
      within: 100,
    },
    begins: NODE_FRAME,
    goesOn: [NODE_FRAME, /^\s+at /, /^\s+\.\.\. \d+ lines matching/, /^\s+\[cause\]: /],
  },
  {
    tool: "node --test, TAP",
    heading: { line: /^\s+error: '?(?<message>(?!\|-?$).+?)'?$/, within: 20 },
    begins: new RegExp(String.raw`^\s+(?!\s|at )(?:\S.* \()?(?<file>file:\/\/\/.+?):${LINE}:\d+\)?$`),
    goesOn: [/^\s+\S.*:\d+:\d+\)?$/],
  },
  {
    tool: "Java",
    heading: {
      line: new RegExp(`^(?:Exception in thread ".*?" )?(?<message>${RAISED})`),
      within: 20,
    },
    begins: JAVA_FRAME,
    goesOn: [JAVA_FRAME, /^\s+at /, /^\s+\.\.\. \d+ more$/, /^Caused by: /, /^\s+Suppressed: /],
    naming: "anywhere",
  },
  {
    tool: "Go's panics",
    begins: /^(?<message>panic: .+|fatal error: .+)$/,
    goesOn: [
      GO_FRAME,
      /^\s+panic: /,
      /^$/,
      /^goroutine \d+ .*:$/,
      /^\[signal /,
      /^\S[^\s(]*\(.*\)$/,
      /^created by /,
    ],
  },
  {
    tool: "pytest",
    begins: /^_{3,} \S.* _{3,}$/,
    goesOn: [
      new RegExp(String.raw`^(?<file>[^\s:][^:]*\.py):${LINE}: `),
      PYTHON_FRAME,
      /^E\s+(?<message>\S.*)$/,
      new RegExp(`^(?<message>${RAISED})`),
      /^(?!={3,}|_{3,} \S|-{3,} Captured)/,
    ],
    counts: "last",
  },
  {
    tool: "Python",
    begins: new RegExp(String.raw`^(?:Traceback \(most recent call last\):$| {2}${PYTHON_FILE})`),
    goesOn: [PYTHON_FRAME, /^\s+\S/],
    ends: /^(?<message>[A-Za-z_][\w.]*(?:: .*)?)$/,
    counts: "last",
  },
  {
    tool: "rspec",
    begins: /^\s+(?<message>Failure\/Error: .+)$/,
    goesOn: [
      new RegExp(String.raw`^\s+# (?<file>.+?):${LINE}:in `),
      /^\s+# /,
      /^\s+(?!\d+\) )(?<message>\S.*)$/,
      /^$/,
    ],
    says: "all",
  },
  {
    tool: "minitest",
    begins: new RegExp(String.raw`^\S[^\s#]*#\S+ \[(?<file>.+):${LINE}\]:$`),
    next: [/^(?<message>.+)$/],
    goesOn: [/^\s+(?<message>Actual: .+)$/],
    says: "all",
  },
  {
    tool: "minitest, an error",
    heading: { line: new RegExp(`^(?<message>${RAISED})`), within: 20 },
    begins: new RegExp(String.raw`^ {4}(?<file>\S+\.rb):${LINE}:in [\`'].+'$`),
    goesOn: [new RegExp(String.raw`^ {4}(?<file>\S+\.rb):${LINE}:in [\`'].+'$`), /^ {4}\S+:\d+:in /],
  },
  {
    tool: "ruby",
    begins: new RegExp(String.raw`^(?<file>[^\s:][^:]*):${LINE}:in [\`'].+': (?<message>.+)$`),
    goesOn: [new RegExp(String.raw`^\tfrom (?<file>.+?):${LINE}:in `), /^\tfrom /],
  },
  {
    tool: "php",
    begins: new RegExp(
      String.raw`^(?:PHP )?(?<message>(?<level>(?:Fatal|Parse) error|Warning|Notice|Deprecated): .+) in (?<file>\S+)(?::| on line )${LINE}$`,
    ),
    goesOn: [/^Stack trace:$/, PHP_FRAME, /^#\d+ /, /^\s+thrown in /],
  },
  {
    tool: "phpunit",
    begins: /^\d+\) [\w\\]+::\w+/,
    goesOn: [
      new RegExp(String.raw`^(?<file>\/\S+\.php):${LINE}$`),
      /^(?!\d+\) |--$|(?:FAILURES|ERRORS)!$)(?<message>\S.*)$/,
      /^$/,
    ],
  },
  {
    tool: "Test::More",
    heading: { line: /^\s*#\s+(?<message>Failed test .+)$/, within: 1 },
    begins: new RegExp(String.raw`^\s*#\s+at (?<file>.+) line ${LINE}\.$`),
  },
  {
    tool: "perl",
    begins: new RegExp(
      String.raw`^(?<message>[^\s#].*) at (?<file>\S+) line ${LINE}(?:\.|, (?:near|at EOF|<).*)?$`,
    ),
    goesOn: [new RegExp(String.raw`^\t.* called at (?<file>\S+) line ${LINE}$`)],
  },
];
