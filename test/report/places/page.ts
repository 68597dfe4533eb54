import { RECORDED, RECORDED_SARIF, type Recorded } from "./recorded.ts";

/** docs/annotations.md: each tool, a line that it writes, and what is shown for it. */
export function placesPage(): string {
  return `# Annotations

On GitHub, pikaci annotates the lines of the project that a failed job's log or its SARIF files complain about. The tables
below were recorded with real tools; the whole logs are in \`test/report/places/logs\`. This page is made by
\`npx tsx scripts/annotations.ts\`; a test compares.

- Only files of the run's snapshot are annotated: no dependency, no file of the system, no address. A relative path is
  resolved in the job's \`cwd\`, or in the directory that \`make\` says it entered. Where there is no such file, it means
  the only file whose path ends with it. Java and \`go test\` print only that end of a path: if several files have it,
  there is no annotation. A path in Nix's copy of the tree in the store is a path of the tree. If this machine no longer
  has the snapshot's list of files, whatever looks like a file of the workspace counts.
- A stack trace is annotated once, at its first frame in a file of the project, with the error's message; tracebacks of
  Python and failed tests of pytest at the deepest such frame.
- Errors come before warnings, warnings before notices. The first ten are shown, and of one line only the worst.

## Tools

| tool | version | writes | shown |
| --- | --- | --- | --- |
${RECORDED.map(row).join("\n")}

Read by their documented form, without a recording: MSBuild and MSVC (\`src\\a.cpp(12): error C2065: …\`), Maven
(\`[ERROR] /workspace/src/A.java:[4,30] …\`). Clang, Swift, mypy, ruff and other tools that print \`FILE:LINE:COLUMN: error: …\`
or \`FILE:LINE: …\` are read as gcc.

## SARIF

Files \`*.sarif\` (SARIF 2.1.0) in \`/artifacts\` of a job that did not pass are read as well. At
the same level they come before the log. A result is shown at its first location, with its text and its rule's id.

| in SARIF | shown |
| --- | --- |
| \`level\` \`error\`, \`warning\`, \`note\`; \`none\` | error, warning, notice; nothing |
| no \`level\` | that of the rule's \`defaultConfiguration\`, else warning |
| \`kind\` \`fail\`, \`open\`, \`review\`; others | by its level; nothing |
| an accepted suppression | nothing |
| \`uri\`: relative, absolute, \`file://\`, with percent signs | the file, if it is in the snapshot |
| \`uriBaseId\` | resolved with \`originalUriBaseIds\`; \`/workspace\` where that has no such base |
| no \`region\` | line 1 |

The first hundred files of a job are read, up to 32 MB together; a larger or broken one is a warning. Secrets are masked, and
terminal escapes and commands are stripped, as in logs.

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
