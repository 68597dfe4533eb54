import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  MOST_PIECES,
  placed,
  type SparseMap,
  SparseMapBuilder,
  type UnusableMap,
} from "../../src/publish/sparse-map.ts";

type Numbers = readonly (readonly [number | null, number | null])[];

function build(size: number | null, pieces: Numbers, packed: number): SparseMap | UnusableMap {
  const builder = new SparseMapBuilder(size);
  for (const [offset, length] of pieces) builder.add(offset, length);
  return builder.map(packed);
}

const MOST = Number.MAX_SAFE_INTEGER;

const right: readonly (readonly [string, number, Numbers, Numbers])[] = [
  ["no data", 2000, [], []],
  [
    "a hole at the end",
    2000,
    [
      [0, 10],
      [2000, 0],
    ],
    [[0, 10]],
  ],
  ["a hole at the beginning", 2000, [[1990, 10]], [[1990, 10]]],
  [
    "pieces that touch",
    2000,
    [
      [0, 1024],
      [1024, 976],
    ],
    [
      [0, 1024],
      [1024, 976],
    ],
  ],
  ["an empty file", 0, [[0, 0]], []],
  ["the largest size", MOST, [[MOST - 1, 1]], [[MOST - 1, 1]]],
];

for (const [what, size, pieces, kept] of right)
  test(`a map of ${what}`, () => {
    const packed = kept.reduce((sum, [, length]) => sum + (length ?? 0), 0);
    const data = kept.map(([offset, length]) => ({ offset, length }));
    assert.equal(build(size, pieces, packed), { size, data });
  });

const [ORDER, BEYOND] = [
  "its pieces overlap or are not in order",
  "a piece of it lies beyond its 2000 bytes",
];
const NUMBER = "a place in it is no number";

const wrong: readonly (readonly [string, number | null, Numbers, number, string])[] = [
  [
    "pieces that overlap",
    2000,
    [
      [0, 512],
      [511, 512],
    ],
    1024,
    ORDER,
  ],
  [
    "pieces in disorder",
    2000,
    [
      [1024, 512],
      [0, 512],
    ],
    1024,
    ORDER,
  ],
  [
    "the same piece twice",
    2000,
    [
      [512, 512],
      [512, 512],
    ],
    1024,
    ORDER,
  ],
  ["a piece beyond the end", 2000, [[1995, 10]], 10, BEYOND],
  ["an empty piece beyond the end", 2000, [[2001, 0]], 0, BEYOND],
  ["pieces whose sum is no number", 2000, [[MOST, MOST]], 10, BEYOND],
  [
    "a piece in the middle that fills no block",
    2000,
    [
      [0, 10],
      [600, 512],
    ],
    522,
    "a piece of it is no whole number of 512 bytes",
  ],
  ["less data than it says", 2000, [[0, 10]], 9, "its pieces are 10 bytes long together, its data is 9"],
  ["more data than it says", 2000, [[0, 10]], 100, "its pieces are 10 bytes long together, its data is 100"],
  ["a length that is no number", null, [[0, 10]], 10, "its length is no number"],
  ["an offset that is no number", 2000, [[null, 10]], 10, NUMBER],
  ["a piece's length that is no number", 2000, [[0, null]], 0, NUMBER],
];

for (const [what, size, pieces, packed, why] of wrong)
  test(`a map with ${what} is not used`, () => {
    assert.equal(build(size, pieces, packed), { unusable: "wrong", why });
  });

test("a map of too many pieces is given up, and what it has is not kept", () => {
  const builder = new SparseMapBuilder(Number.MAX_SAFE_INTEGER);
  for (let n = 0; n < MOST_PIECES; n++) builder.add(n * 1024, 512);
  assert.ok("data" in builder.map(MOST_PIECES * 512));
  builder.add(MOST_PIECES * 1024, 512);
  assert.equal(builder.map((MOST_PIECES + 1) * 512), {
    unusable: "too-long",
    why: "it has more than 1000000 pieces between holes",
  });
});

async function* chunks(text: string, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
}

test("content is placed piece by piece, however it is cut", async () => {
  const pieces = [
    { offset: 3, length: 2 },
    { offset: 5, length: 1 },
    { offset: 9, length: 4 },
  ];
  for (const size of [1, 2, 3, 7]) {
    const file = Buffer.alloc(13, ".");
    for await (const { bytes, place } of placed(chunks("abcdefg", size), pieces)) bytes.copy(file, place);
    assert.is(file.toString(), "...abc...defg");
  }
});

test.run();
