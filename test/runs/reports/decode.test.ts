import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeText, decodeXml } from "../../../src/runs/reports/decode.ts";

const test = suite("encodings of reports");

const be = (text: string) => Buffer.from(text, "utf16le").swap16();
const le = (text: string) => Buffer.from(text, "utf16le");
const declared = (encoding: string, content = "<a>\u00e9</a>") =>
  `<?xml version="1.0" encoding="${encoding}"?>${content}`;

const xml: readonly (readonly [name: string, bytes: Buffer, expected: string])[] = [
  ["nothing said", Buffer.from("<a>\u00e9</a>"), "<a>\u00e9</a>"],
  ["a mark of UTF-8", Buffer.from("\ufeff<a>\u00e9</a>"), "<a>\u00e9</a>"],
  ["a mark of UTF-16, little end first", le("\ufeff<a>\u00e9</a>"), "<a>\u00e9</a>"],
  ["a mark of UTF-16, big end first", be("\ufeff<a>\u00e9</a>"), "<a>\u00e9</a>"],
  ["UTF-16 without a mark", le(declared("UTF-16")), declared("UTF-16")],
  ["UTF-16, big end first, without a mark", be(declared("UTF-16BE")), declared("UTF-16BE")],
  ["a mark against the declaration", Buffer.from(`\ufeff${declared("ISO-8859-1")}`), declared("ISO-8859-1")],
  ["ISO-8859-1", Buffer.from(declared("ISO-8859-1"), "latin1"), declared("ISO-8859-1")],
  [
    "ISO-8859-1 in other quotes and spaces",
    Buffer.from(`<?xml version='1.0'\n encoding = 'iso-8859-1' ?><a>\u00e9</a>`, "latin1"),
    `<?xml version='1.0'\n encoding = 'iso-8859-1' ?><a>\u00e9</a>`,
  ],
  [
    "windows-1252, whose quotation marks are control characters elsewhere",
    Buffer.from(declared("windows-1252", "<a>\u0093\u00e9\u0094</a>"), "latin1"),
    declared("windows-1252", "<a>\u201c\u00e9\u201d</a>"),
  ],
  [
    "windows-1251",
    Buffer.from(declared("windows-1251", "<a>\u00e9</a>"), "latin1"),
    declared("windows-1251", "<a>\u0439</a>"),
  ],
  ["UTF-16 declared of bytes that are none", Buffer.from(declared("utf-16")), declared("utf-16")],
  [
    "a declaration that is content",
    Buffer.from(`<a>${declared("ISO-8859-1")}</a>`),
    `<a>${declared("ISO-8859-1")}</a>`,
  ],
  ["nothing", Buffer.from(""), ""],
];
for (const [name, bytes, expected] of xml)
  test(`XML: ${name}`, () => {
    assert.is(decodeXml(bytes), expected);
  });

test("XML: an encoding that nobody knows is an error", () => {
  assert.throws(() => decodeXml(Buffer.from(declared("x-klingon"))), /its encoding "x-klingon" is not known/);
});

const text: readonly (readonly [name: string, bytes: Buffer])[] = [
  ["UTF-8", Buffer.from("ok 1 - \u00e9")],
  ["UTF-8 with its mark", Buffer.from("\ufeffok 1 - \u00e9")],
  ["UTF-16, as a shell of Windows writes it", le("\ufeffok 1 - \u00e9")],
];
for (const [name, bytes] of text)
  test(`TAP: ${name}`, () => {
    assert.is(decodeText(bytes), "ok 1 - \u00e9");
  });

test.run();
