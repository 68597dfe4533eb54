import { RECORDED, RECORDED_SARIF, type Recorded } from "./recorded.ts";

/** docs/places.md: each tool, a line that it writes, and what is shown for it. */
export function placesPage(): string {
  return `# Places in logs

On GitHub, what a failed job's log and its SARIF files say about lines of the project becomes annotations. This page has
what was recorded of each tool; \`test/report/places/logs\` has the whole logs. It is made by
\`npx tsx scripts/places.ts\`; a test compares.

- Only files of the run's snapshot are places: not a dependency, a file of the system, or an address. A relative name is
  taken from the job's \`cwd\`, or from the directory that \`make\` says it entered; else it is the one file whose path ends
  so. Java and \`go test\` name a file by its end only: where several have that end, there is no place. Nix's copy of the
  tree in the store is the tree. Where the snapshot's list is not remembered, what looks like a file of the workspace is
  taken for one.
- A stack trace is one place: its first frame in a file of the project, with the error as its message. A traceback of
  Python, and a failed test of pytest, is at its deepest frame there.
- Of one line, the worst that is said counts. Errors come before warnings, and these before notices; the first ten are
  shown.

## Tools

| tool | version | writes | shown |
| --- | --- | --- | --- |
${RECORDED.map(row).join("\n")}

By their documented form only, not recorded: MSBuild and MSVC (\`src\\a.cpp(12): error C2065: …\`), Maven
(\`[ERROR] /workspace/src/A.java:[4,30] …\`). Clang, Swift, mypy, ruff and other tools that print \`FILE:LINE:COLUMN: error: …\`
or \`FILE:LINE: …\` are read as gcc.

## SARIF

Files \`*.sarif\` (SARIF 2.1.0) in \`/artifacts\` of a job that did not pass are read as well; what they say stands before
what the log says at the same level. A result is shown at its first location, with its text and its rule's id.

| in SARIF | shown |
| --- | --- |
| \`level\` \`error\`, \`warning\`, \`note\`; \`none\` | error, warning, notice; nothing |
| no \`level\` | that of the rule's \`defaultConfiguration\`, else warning |
| \`kind\` \`fail\`, \`open\`, \`review\`; others | by its level; nothing |
| an accepted suppression | nothing |
| \`uri\`: relative, absolute, \`file://\`, with percent signs | the file, if it is in the snapshot |
| \`uriBaseId\` | its URI in front, as \`originalUriBaseIds\` has it; \`/workspace\` where that has none |
| no \`region\` | line 1 |

Of a job, the first hundred files are read, each of at most 64 MiB; what is larger or broken becomes a warning. Secrets are
masked, and escapes and commands stripped, as in logs.

| tool | version | shown |
| --- | --- | --- |
${RECORDED_SARIF.map((one) => `| ${one.tool} | ${one.version} | ${one.places.map(cell).join("<br>")} |`).join("\n")}
`;
}

function row({ tool, version, line, places }: Recorded): string {
  return `| ${tool} | ${version} | ${cell(line)} | ${places.map(cell).join("<br>")} |`;
}

const LONG = 100;

function cell(text: string): string {
  const cut = text.length > LONG ? `${text.slice(0, LONG)}…` : text;
  return `\`\` ${cut.replaceAll("\t", " ").replaceAll("|", "\\|").trim()} \`\``;
}
