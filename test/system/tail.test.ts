import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InfraError } from "../../src/core/errors.ts";
import { Tail } from "../../src/system/tail.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("tail");
test.after(removeWorkspaces);

function more(tail: Tail): string {
  const pieces: string[] = [];
  tail.read((piece) => pieces.push(piece.toString("utf8")));
  return pieces.join("");
}

test("a growing file is read on from where the last call ended", () => {
  const path = join(makeDirectory(), "log");
  const tail = new Tail(path);
  assert.is(more(tail), "");
  writeFileSync(path, "one\n");
  assert.is(more(tail), "one\n");
  appendFileSync(path, "two\n");
  assert.is(more(tail), "two\n");
  assert.is(more(new Tail(path, 4)), "two\n");
});

test("what cannot be read is named, with a hint", () => {
  const path = join(makeDirectory(), "log");
  mkdirSync(path);
  assert.throws(
    () => more(new Tail(path)),
    (error: unknown) =>
      error instanceof InfraError &&
      error.message === `cannot read ${path}: EISDIR` &&
      error.hint !== undefined,
  );
});

test.run();
