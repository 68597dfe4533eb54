import { LineSanitiser } from "../../../src/report/sanitise.ts";

/** What a job may print to deceive its reader or a CI service. */
export const HOSTILE: readonly (readonly [string, string | Buffer])[] = [
  ["an annotation", "::error file=a.c,line=1::x"],
  ["commands of GitHub", "::set-output name=a::b\n  ::add-mask::x\n\t::stop-commands::t\n::endgroup::"],
  [
    "commands of GitHub, split by what is stripped",
    "\x1b[0m::err\x1b[31mor::x\n:\x1b[0m:error::x\n\u202e::error::x",
  ],
  ["commands after a carriage return", "10%\r::error::x\r::warning::y"],
  ["old commands", "##[error]x ##vso[task.setvariable]y ##teamcity[testFailed]"],
  ["folds of Buildkite", "--- x\n+++ y\n~~~ z\n^^^ +++"],
  ["sections of GitLab", "\x1b[0Ksection_start:1:x\r\x1b[0Kforged\nsection_end:1:x\r\x1b[0K"],
  [
    "screen, title, clipboard, links",
    "\x1b[2J\x1b]0;t\x07\x1b]52;c;eA==\x07\x1b]8;;http://x\x1b\\l\x1b]8;;\x1b\\",
  ],
  ["C1 controls", "\u009b2J\u0090q\u009c"],
  ["invalid UTF-8", Buffer.from([0xff, 0x3a, 0x3a, 0xc3, 0x28, 0x0a, 0x9b, 0x32, 0x4a, 0xed, 0xa0, 0x80])],
  ["NUL and other control characters", Buffer.from([0, 1, 7, 8, 11, 12, 14, 0x7f, 0x0a])],
  ["a line of a megabyte", `::error::${"x".repeat(1 << 20)}`],
  ["places that are commands", "a.c:1: error: x%0A::error::y\na%0a::set-env.c:1: error: z"],
];

/** docs/hostile-logs.md: each input, and the lines that are shown for it. */
export function hostilePage(): string {
  const rows = HOSTILE.map(([name, input]) => {
    const sanitiser = new LineSanitiser();
    const lines = [...sanitiser.push(Buffer.from(input)), ...sanitiser.end()];
    return `| ${name} | ${cell(printable(Buffer.from(input)))} | ${shownCell(lines)} |`;
  });
  return `# Hostile logs

What a job may print to deceive its reader or a CI service, and what pikaci shows instead on terminals, in CI and in
\`pikaci logs\`. Log files keep the original bytes; \`pikaci logs --raw\` prints them. In CI each line is also indented, so that
no line is a command or a fold of the service. In the HTML report nothing of a log can run: it is text, and the page's
content security policy allows only the page's own script.

This page is written by \`npx tsx scripts/hostile-logs.ts\`; a test compares the two.

| what | printed | shown |
| --- | --- | --- |
${rows.join("\n")}
`;
}

const LONG = 80;
const SHOWN = 4;

function shownCell(lines: readonly string[]): string {
  const more = lines.length > SHOWN ? [`and ${lines.length - SHOWN} lines more`] : [];
  return [...lines.slice(0, SHOWN).map(cell), ...more].join("<br>");
}

function cell(text: string): string {
  const cut = text.length > LONG ? `${text.slice(0, LONG)}… (${text.length} characters)` : text;
  return cut === "" ? "" : `\`\` ${cut.replaceAll("|", "\\|")} \`\``;
}

/** Control characters, invisible ones and bytes that are no UTF-8 as they are written in a program. */
function printable(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  const valid = Buffer.from(text, "utf8").equals(bytes);
  const hex = (character: string) => {
    const code = character.charCodeAt(0);
    return code < 256
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  };
  const shown = valid ? text : bytes.toString("latin1").replace(/[\x80-\xff]/g, hex);
  return shown.replaceAll("\n", "\\n").replace(/[\p{Cc}\p{Cf}]/gu, hex);
}
