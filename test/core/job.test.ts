import { suite } from "uvu";
import * as assert from "uvu/assert";
import { storedJobSchema } from "../../src/core/job.ts";

const test = suite("a job's document");
const { timeoutMs, silenceMs, keepFailedMs, limits } = storedJobSchema.shape;

test("numbers are whole: a host counts with nothing else", () => {
  for (const schema of [timeoutMs, silenceMs, keepFailedMs]) {
    assert.ok(schema.safeParse(1500).success);
    for (const wrong of [1500.5, -1, "1500"]) assert.not(schema.safeParse(wrong).success);
  }
  for (const name of ["memoryBytes", "processes", "fileBytes", "openFiles"]) {
    assert.ok(limits.safeParse({ [name]: 7 }).success);
    for (const wrong of [7.5, -7, "7"]) assert.not(limits.safeParse({ [name]: wrong }).success);
  }
});

test.run();
