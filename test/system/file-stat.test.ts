import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type FileStat,
  isSettled,
  isSettledBySecond,
  packStat,
  unpackStat,
} from "../../src/system/file-stat.ts";

const test = suite("file stat");

const ms = (count: number) => BigInt(count) * 1_000_000n;
const stat = (change: Partial<FileStat> = {}): FileStat => ({
  ...{ dev: 1n, ino: 2n, size: 3n, mtimeNs: 1_700_000_000_123_456_789n, ctimeNs: 1_700_000_000_123_456_789n },
  ...change,
});

test("a stat survives packing; every field counts", () => {
  const fields = { dev: 2n ** 40n, ino: 2n ** 63n - 1n, size: 0n, mtimeNs: -1n, ctimeNs: 5n };
  assert.equal(unpackStat(packStat(fields)), fields);
  const packed = [stat(), stat({ dev: 9n }), stat({ ino: 9n }), stat({ size: 9n }), stat({ mtimeNs: 9n })];
  assert.is(new Set([...packed, stat({ ctimeNs: 9n })].map(packStat)).size, 6);
});

const last = stat().ctimeNs;
const whole = 1_700_000_000_000_000_000n;

const cases: [what: string, stat: FileStat, momentNs: bigint, dev: bigint, settled: boolean][] = [
  ["read in the tick it was written in", stat(), last, 1n, false],
  ["read 50 ms later", stat(), last + ms(50), 1n, false],
  ["read 51 ms later", stat(), last + ms(51), 1n, true],
  ["mtime set back, ctime in this tick", stat({ mtimeNs: 9n }), last + ms(4), 1n, false],
  ["mtime in the future", stat({ mtimeNs: last + ms(9000) }), last + ms(1000), 1n, false],
  ["whole seconds, read 1.9 s later", stat({ mtimeNs: whole, ctimeNs: whole }), whole + ms(1900), 1n, false],
  ["whole seconds, read 2.1 s later", stat({ mtimeNs: whole, ctimeNs: whole }), whole + ms(2100), 1n, true],
  ["by a foreign clock, read 59 s later", stat(), last + ms(59_000), 7n, false],
  ["by a foreign clock, read 61 s later", stat(), last + ms(61_000), 7n, true],
];

for (const [what, read, ns, dev, settled] of cases)
  test(`${what}: ${settled ? "settled" : "not settled"}`, () => {
    assert.is(isSettled(read, { dev, ns }), settled);
  });

const bySecond: [what: string, stat: FileStat, momentNs: bigint, settled: boolean][] = [
  ["in the same second", stat(), last + ms(800), false],
  ["2 s later", stat(), last + ms(2000), false],
  ["2.1 s later", stat(), last + ms(2100), true],
  ["2.1 s later, times of whole seconds", stat({ mtimeNs: whole, ctimeNs: whole }), whole + ms(2100), false],
  ["mtime set back, ctime a second ago", stat({ mtimeNs: 9n }), last + ms(1000), false],
];

for (const [what, read, ns, settled] of bySecond)
  test(`${what}: whole seconds ${settled ? "tell" : "do not tell"} a later change`, () => {
    assert.is(isSettledBySecond(read, { dev: 1n, ns }), settled);
  });

test.run();
