import { appendFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { artifactHeaders } from "../../../src/commands/ui/artifact.ts";
import { logPart } from "../../../src/commands/ui/log-part.ts";
import { rangeOf } from "../../../src/commands/ui/range.ts";
import { makeDirectory, removeWorkspaces } from "../../workspace.ts";

const test = suite("parts of files");
test.after(removeWorkspaces);

const RANGES: readonly (readonly [string | undefined, ReturnType<typeof rangeOf>])[] = [
  [undefined, null],
  ["bytes=0-0", { start: 0, end: 0 }],
  ["bytes=2-5", { start: 2, end: 5 }],
  ["bytes=7-", { start: 7, end: 9 }],
  ["bytes=7-99", { start: 7, end: 9 }],
  ["bytes=-3", { start: 7, end: 9 }],
  ["bytes=-99", { start: 0, end: 9 }],
  ["bytes=10-", "none"],
  ["bytes=-0", "none"],
  ["bytes=5-2", null],
  ["bytes=0-1,3-4", null],
  ["bytes=-", null],
  ["lines=1-2", null],
  ["bytes=x-y", null],
];

for (const [header, expected] of RANGES)
  test(`range ${header ?? "absent"}`, () => assert.equal(rangeOf(header, 10), expected));

test("an empty file has no part", () => assert.is(rangeOf("bytes=0-", 0), "none"));

const HANDED: readonly (readonly [string, string, string])[] = [
  ["a/report.HTML", "text/html; charset=utf-8", "inline; filename*=UTF-8''report.HTML"],
  ["x.svg", "image/svg+xml", "inline; filename*=UTF-8''x.svg"],
  ["junit.xml", "text/plain; charset=utf-8", "inline; filename*=UTF-8''junit.xml"],
  ["app.js", "application/octet-stream", "attachment; filename*=UTF-8''app.js"],
  ["a.css", "application/octet-stream", "attachment; filename*=UTF-8''a.css"],
  ["program", "application/octet-stream", "attachment; filename*=UTF-8''program"],
  [".html", "application/octet-stream", "attachment; filename*=UTF-8''.html"],
  [
    "q\"\r\nx: (1)*'é.txt",
    "text/plain; charset=utf-8",
    "inline; filename*=UTF-8''q%22%0D%0Ax%3A%20%281%29%2A%27%C3%A9.txt",
  ],
  ["\ud800.bin", "application/octet-stream", "attachment; filename*=UTF-8''%EF%BF%BD.bin"],
];

for (const [path, type, disposition] of HANDED)
  test(`an artifact ${JSON.stringify(path)}: ${disposition.split(";")[0]}, always in a sandbox`, () => {
    const headers = artifactHeaders(path);
    assert.equal([headers["Content-Type"], headers["Content-Disposition"]], [type, disposition]);
    assert.match(headers["Content-Security-Policy"] ?? "", /^sandbox; default-src 'none';/);
  });

const lines = (part: ReturnType<typeof logPart>) =>
  part.lines.map((pieces) => pieces.map(({ text }) => text).join(""));

test("a log that grows: whole lines, each once, and its last one when it has ended", () => {
  const path = join(makeDirectory(), "log");
  assert.equal(logPart(path, null, false), { lines: [], from: 0, next: 0, size: 0 });
  writeFileSync(path, "one\ntw");
  const first = logPart(path, null, false);
  assert.equal([lines(first), first.next, first.size], [["one"], 4, 4]);
  assert.equal(lines(logPart(path, first.next, false)), []);
  appendFileSync(path, "o\n\nthree");
  const second = logPart(path, first.next, false);
  assert.equal([lines(second), second.next], [["two", ""], 9]);
  const last = logPart(path, second.next, true);
  assert.equal([lines(last), last.next, last.size], [["three"], 14, 14]);
  assert.equal(lines(logPart(path, 99, true)), []);
});

test("of a long log, the end first, from a line's beginning; all of it in parts", () => {
  const path = join(makeDirectory(), "log");
  const all = Array.from({ length: 50_000 }, (_, index) => `line ${index} é`);
  writeFileSync(path, `${all.join("\n")}\n`);
  const end = logPart(path, null, true);
  assert.ok(end.from > 0 && end.lines.length > 1000);
  assert.equal(lines(end), all.slice(-end.lines.length));
  const read: string[] = [];
  for (let from = 0, part = logPart(path, 0, true); part.lines.length > 0; part = logPart(path, from, true)) {
    read.push(...lines(part));
    from = part.next;
  }
  assert.equal(read.length, all.length);
  assert.equal(read, all);
});

test("a line without an end is given in pieces", () => {
  const path = join(makeDirectory(), "log");
  writeFileSync(path, "x".repeat(600 * 1024));
  const part = logPart(path, 0, false);
  assert.is(part.next, 256 * 1024);
  assert.ok(part.lines.length > 0);
  assert.is(logPart(path, 512 * 1024, false).next, 512 * 1024);
  assert.is(logPart(path, 512 * 1024, true).next, 600 * 1024);
});

test("colours are classes, and escapes are gone; a link is no log", () => {
  const directory = makeDirectory();
  const path = join(directory, "log");
  writeFileSync(path, "\x1b[31mred\x1b[0m <b>\x1b[2J\n");
  assert.equal(logPart(path, null, true).lines, [
    [
      { text: "red", classes: ["f1"] },
      { text: " <b>", classes: [] },
    ],
  ]);
  symlinkSync("/etc/passwd", join(directory, "link"));
  assert.equal(logPart(join(directory, "link"), null, true).lines, []);
});

test.run();
