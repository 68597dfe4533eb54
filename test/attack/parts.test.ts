import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FILE_PARTS } from "../../scripts/attack/files.ts";
import { TRICKS } from "../../scripts/attack/in-lab.ts";
import { findSuites } from "../../scripts/suites/find.ts";
import { contractJobs } from "../lab/job-contract.ts";

const test = suite("parts of test:attack");

test("each part's files are test files, and none is in two parts", () => {
  const all = new Set(findSuites(process.cwd(), []).map(({ file }) => file));
  const named = Object.values(FILE_PARTS).flat();
  assert.equal(
    named.filter((file) => !all.has(file)),
    [],
  );
  assert.is(new Set(named).size, named.length);
});

test("each trick is a row of the job contract", () => {
  assert.equal(
    TRICKS.filter((name) => !Object.hasOwn(contractJobs, name)),
    [],
  );
});

test.run();
