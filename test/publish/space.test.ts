import { test } from "uvu";
import * as assert from "uvu/assert";
import { InfraError } from "../../src/core/errors.ts";
import { checkSpace, jobsNeed, type SpaceNeed } from "../../src/publish/space.ts";

const need = (bytes: number, inodes: number): SpaceNeed => ({ what: "the snapshot", bytes, inodes });
const disk = (freeBytes: number, freeInodes: number | null) => ({ freeBytes, freeInodes, workDir: "/w" });

const cases: readonly (readonly [string, ReturnType<typeof disk>, readonly SpaceNeed[], string | null])[] = [
  ["nothing to do on a full disk", disk(0, 0), [need(0, 0)], null],
  ["all fits", disk(1001, 11), [need(1000, 10)], null],
  [
    "bytes",
    disk(1000, 11),
    [need(1000, 10)],
    "the disk of /w is too full for the snapshot: it needs 1000 bytes, has 1000",
  ],
  [
    "inodes",
    disk(5000, 10),
    [need(1000, 10)],
    "the disk of /w is too full for the snapshot: it needs 10 inodes, has 10",
  ],
  ["inodes that the file system does not count", disk(5000, null), [need(1000, 10)], null],
  [
    "each fits, and both do not",
    disk(3_000_000, null),
    [need(1_500_000, 1), jobsNeed(2)],
    "the disk of /w is too full for the snapshot and the logs and records of 2 jobs: it needs 1500000 + 2097152 bytes, has 3000000",
  ],
  [
    "a job alone",
    disk(9_000_000, 150),
    [need(0, 0), jobsNeed(1)],
    "the disk of /w is too full for the logs and records of a job: it needs 150 inodes, has 150",
  ],
];

for (const [what, free, needs, message] of cases)
  test(what, () => {
    try {
      checkSpace(free, needs);
      assert.is(message, null);
    } catch (error) {
      if (!(error instanceof InfraError)) throw error;
      assert.is(error.message, message);
      assert.equal([error.where, error.exitCode], ["disk", 3]);
      assert.match(error.hint ?? "", "`pikaci gc --dry-run`");
    }
  });

test.run();
