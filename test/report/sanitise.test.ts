import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LineSanitiser, LONGEST_LINE, sanitise } from "../../src/report/sanitise.ts";

const test = suite("sanitise");

const table: readonly (readonly [string, string | Buffer, readonly string[]])[] = [
  ["plain text", "a\tb\nc", ["a\tb", "c"]],
  ["empty lines", "\n\na\n", ["", "", "a"]],
  ["colours", "\x1b[1;31mred\x1b[0m", ["red"]],
  ["cursor and screen", "a\x1b[2J\x1b[H\x1b[?25lb", ["ab"]],
  ["window title (BEL)", "\x1b]0;evil\x07ok", ["ok"]],
  ["clipboard (ST)", "\x1b]52;c;ZXZpbA==\x1b\\ok", ["ok"]],
  ["a hyperlink", "\x1b]8;;http://evil\x1b\\text\x1b]8;;\x1b\\", ["text"]],
  ["DCS, PM, APC, SOS", "\x1bPq#0\x1b\\a\x1b^x\x1b\\b\x1b_x\x1b\\c\x1bXx\x1b\\d", ["abcd"]],
  ["charset and reset", "\x1b(0\x1bc\x1b#8ok", ["ok"]],
  ["C1 controls", "\u009b31mred\u009d0;t\u0007ok\u0090x\u009cend", ["redokend"]],
  ["a lone escape at the end", "ok\x1b", ["ok"]],
  ["a string without end hides one line only", "\x1b]0;evil\nshown", ["", "shown"]],
  ["CAN ends a sequence", "\x1b[31\x18ok", ["ok"]],
  ["an escape in a sequence starts another", "\x1b[3\x1b[31mok", ["ok"]],
  ["control characters", "a\x00b\x07c\x08d\x7fe", ["abcde"]],
  ["carriage returns are line ends", "10%\r20%\r\ndone\r", ["10%", "20%", "done"]],
  ["text direction", "a\u202etxt.exe\u2066b", ["atxt.exeb"]],
  ["invalid UTF-8", Buffer.from([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82]), ["a\ufffd\ufffd(\ufffd"]],
  ["8-bit C1 as raw bytes are no UTF-8", Buffer.from([0x9b, 0x33, 0x31, 0x6d]), ["\ufffd31m"]],
  ["wide and combined characters", "日本 e\u0301 👩‍👩‍👧", ["日本 e\u0301 👩‍👩‍👧"]],
  [
    "GitHub commands",
    "::error file=x::y\n  ::set-output name=a::b\na ::b",
    [": :error file=x::y", "  : :set-output name=a::b", "a ::b"],
  ],
  ["a GitHub command with an escape inside", ":\x1b[0m:add-mask::x", [": :add-mask::x"]],
  ["a GitHub command with a zero byte inside", ":\x00:error::x", [": :error::x"]],
  ["old GitHub and Azure commands", "##[error]x\na ##[group]b", ["# #[error]x", "a # #[group]b"]],
  [
    "Azure and TeamCity commands",
    "##vso[task.setvariable]x\n##teamcity[x]",
    ["# #vso[task.setvariable]x", "# #teamcity[x]"],
  ],
  ["three hashes", "###[error]", ["## #[error]"]],
  ["a markdown heading stays", "## title", ["## title"]],
];

function lines(chunks: readonly Uint8Array[]): string[] {
  const sanitiser = new LineSanitiser();
  return [...chunks.flatMap((chunk) => sanitiser.push(chunk)), ...sanitiser.end()];
}

for (const [name, input, expected] of table) {
  test(name, () => assert.equal(lines([Buffer.from(input)]), expected));
  test(`${name}, a byte at a time`, () => {
    assert.equal(lines([...Buffer.from(input)].map((byte) => Buffer.of(byte))), expected);
  });
}

test("a line of 1 MB comes in pieces, each disarmed", () => {
  const text = `${"x".repeat(LONGEST_LINE)}::error::${"y".repeat(1_000_000)}`;
  const shown = lines([Buffer.from(text)]);
  assert.ok(shown.every((line) => line.length <= LONGEST_LINE + 1));
  assert.match(shown[1] ?? "", /^: :error::y/);
  assert.is(shown.join("").replace(": :", "::"), text);
});

test("10 MB without a line end stay bounded and quick", () => {
  const sanitiser = new LineSanitiser();
  const chunk = Buffer.alloc(65_536, "\x1b[31mz");
  const started = process.cpuUsage();
  for (let n = 0; n < 160; n++) sanitiser.push(chunk);
  assert.ok(process.cpuUsage(started).user < 10_000_000);
});

const hostile = fc.constantFrom(
  "\x1b",
  "[",
  "]",
  ":",
  "#",
  "\x07",
  "\\",
  "\r",
  "\n",
  "m",
  "\u009b",
  "a",
  "ÿ",
  "👩",
  "\x00",
);

test("however it is split, the lines are the same, and nothing dangerous is in them", () => {
  const input = fc.array(hostile, { maxLength: 60 }).map((parts) => Buffer.from(parts.join("")));
  fc.assert(
    fc.property(input, fc.nat(60), fc.nat(60), (bytes, first, second) => {
      const whole = lines([bytes]);
      assert.equal(
        lines([
          bytes.subarray(0, first),
          bytes.subarray(first, first + second),
          bytes.subarray(first + second),
        ]),
        whole,
      );
      for (const line of whole) assert.not.match(line.replaceAll("\t", ""), /\p{Cc}|^\s*::|##\w*\[/u);
    }),
  );
});

test("sanitise takes a whole text", () => {
  assert.is(sanitise("a\x1b[31m\n::b"), "a\n: :b");
});

test.run();
