import { test } from "uvu";
import * as assert from "uvu/assert";
import { InfraError, TrustError } from "../../../src/core/errors.ts";
import { mayComeBack, pauseBefore } from "../../../src/operations/watch/link.ts";

for (const [failures, pause] of [
  [0, 0],
  [1, 1_000],
  [2, 2_000],
  [5, 16_000],
  [6, 30_000],
  [1_000, 30_000],
] as const)
  test(`after ${failures} failures: ${pause} ms`, () => assert.is(pauseBefore(failures), pause));

for (const [error, comesBack] of [
  [new InfraError("network", "no route"), true],
  [new InfraError("host", "does not let this user in"), true],
  [new InfraError("client", "ssh is not installed"), false],
  [new TrustError("another host key"), false],
  [new Error("a bug"), false],
] as const)
  test(`${error.message}: ${comesBack ? "tried again" : "the end"}`, () =>
    assert.is(mayComeBack(error), comesBack));

test.run();
