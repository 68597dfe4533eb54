import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ansiToHtml } from "../../../src/report/html/ansi.ts";
import { reportPage } from "../../../src/report/html/page.ts";
import { anchor, href } from "../../../src/report/html/text.ts";
import { sampleReport } from "./sample.ts";

const test = suite("HTML report");

const ansi: readonly (readonly [string, string, readonly string[]])[] = [
  ["plain", 'a <b> & "c"\n', ["a &lt;b&gt; &amp; &quot;c&quot;"]],
  [
    "a colour, over a line's end",
    "x\x1b[31my\nz\x1b[0mw",
    ['x<span class="f1">y</span>', '<span class="f1">z</span>w'],
  ],
  [
    "several at once, and their ends",
    "\x1b[1;4;93;41ma\x1b[22;39mb\x1b[mc",
    ['<span class="f11 k1 tb tu">a</span><span class="k1 tu">b</span>c'],
  ],
  [
    "256 and true colours: the nearest of sixteen",
    "\x1b[38;5;9ma\x1b[38;5;46mb\x1b[48;2;0;0;255mc\x1b[38;5;232md",
    [
      '<span class="f9">a</span><span class="f10">b</span><span class="f10 k12">c</span><span class="f0 k12">d</span>',
    ],
  ],
  ["other sequences are gone", "a\x1b[2J\x1b]0;t\x07b\x1b(0c", ["abc"]],
  ["what a carriage return wrote over stays", "10%\r20%\r\ndone", ["10% 20%", "done"]],
  ["what is no colour code", "\x1b[38;9ma\x1b[999mb\x1b[58;5;1mc", ["abc"]],
  ["empty", "", []],
];
for (const [name, log, lines] of ansi) test(`ANSI: ${name}`, () => assert.equal(ansiToHtml(log), lines));

test("ANSI: a megabyte of carriage returns costs no more than its length", () => {
  assert.equal(ansiToHtml(`${"\r".repeat(1_000_000)}x`).length, 1);
});

const links: readonly (readonly [string, string])[] = [
  ["jobs/a/b c#d?.txt", "./jobs/a/b%20c%23d%3F.txt"],
  ["javascript:x", "./javascript%3Ax"],
  ["../up/x", "../up/x"],
  ["/abs/x", "/abs/x"],
  ["a\"b'<c>&d", "./a%22b&#39;%3Cc%3E%26d"],
];
for (const [path, address] of links) test(`link to ${path}`, () => assert.is(href(path), address));

test("one file: the policy allows this style and this script and nothing else", () => {
  const page = reportPage(sampleReport());
  const hashOf = (tag: string) => {
    const content = page.slice(page.indexOf(`<${tag}>`) + tag.length + 2, page.indexOf(`</${tag}>`));
    return `${tag}-src 'sha256-${createHash("sha256").update(content).digest("base64")}'`;
  };
  assert.match(page, `default-src 'none'; ${hashOf("style")}; ${hashOf("script")};`);
  assert.is(page.match(/<script\b/g)?.length, 1);
  const tags = page.slice(page.indexOf("<body>")).match(/<[a-z][^>]*>/g) ?? [];
  assert.ok(tags.length > 100);
  for (const tag of tags)
    assert.not.match(tag, /^<(img|link|iframe|object|embed|base)\b|\son[a-z]+\s*=|\sstyle\s*=/);
  assert.not.match(page.replace(/<a href="\.\/[^"]*">|xmlns="[^"]*"/g, ""), /(src|href)="(?!#)/);
});

test("everything of a run is in it", () => {
  const page = reportPage(sampleReport());
  for (const text of [
    "failed",
    "check",
    "ssh://ci@builder",
    "newly failing",
    "2.34",
    "exit 3",
    "5.0 MB came before this",
    "<svg",
  ])
    assert.ok(page.includes(text), text);
});

test("branch and subject of the commit, escaped", () => {
  const page = reportPage(sampleReport());
  assert.ok(page.includes("<dt>branch</dt><dd>feature/&lt;b&gt;x</dd>"));
  assert.ok(
    page.includes(
      "<dt>commit</dt><dd><code>0123456789abcdef</code> and uncommitted changes<br>&lt;script&gt;",
    ),
  );
});

test("what broke outside of pikaci: the message, its hint, and who looks further", () => {
  const report = sampleReport();
  const error = { kind: "infra", message: "<gone>", hint: "plug it in" };
  const page = reportPage({ ...report, record: { ...report.record, error } });
  assert.match(
    page,
    '<p class="error">&lt;gone&gt;\nhint: plug it in\nhint: `pikaci doctor` looks for what would make a run fail, here and on hosts</p>',
  );
});

test("what failed comes first, with the end of its log, escaped", () => {
  const page = reportPage(sampleReport());
  const first = page.indexOf("<h2>What failed</h2>");
  assert.ok(first > 0 && first < page.indexOf("<h2>Jobs</h2>"));
  const section = page.slice(first, page.indexOf("<h2>Jobs</h2>"));
  assert.match(section, '<span class="v failed">failed</span> <a href="#log-lint">lint</a>');
  assert.match(section, "exit 3 &lt;script&gt;");
  assert.match(section, "red</span> words</span></pre>");
  assert.not.match(section, "log-unit");
  const rows = page.slice(page.indexOf("<h2>Jobs</h2>"));
  assert.ok(rows.indexOf("#log-lint") < rows.indexOf("#log-unit"));
});

test("of a long log its last lines; without a failure, nothing", () => {
  const report = sampleReport();
  const text = Array.from({ length: 50 }, (_, n) => `line ${n}`).join("\n");
  const logs = report.logs.map((log) => ({ ...log, text }));
  const section = reportPage({ ...report, logs }).match(/<pre class="last">.*?<\/pre>/)?.[0] ?? "";
  assert.equal([section.match(/line \d+/g)?.[0], section.match(/line/g)?.length], ["line 38", 12]);
  const jobs = report.record.jobs.filter(({ job }) => job === "unit");
  assert.not.match(reportPage({ ...report, record: { ...report.record, jobs } }), "What failed");
});

test("a log's id has no character that HTML or an address takes for something else, and two jobs have two", () => {
  const ids = ["unit", "unit (20, pg)", "unit (20, p-g)", "unit (20.pg)"].map((job) => anchor("log", job));
  assert.is(ids[0], "log-unit");
  for (const id of ids) assert.ok(/^[\w.:-]+$/.test(id), id);
  assert.is(new Set(ids).size, ids.length);
});

test.run();
