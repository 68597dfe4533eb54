import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseConfig } from "../../src/config/load.ts";
import { parseJobName, parseRunId } from "../../src/core/ids.ts";
import type { CacheUse } from "../../src/core/job-result.ts";
import { parseResult } from "../../src/guest/guard-result.ts";
import { cacheParams, cacheScope, parseCacheLine } from "../../src/guest/job-caches.ts";
import { describeCache } from "../../src/report/job-caches.ts";

const test = suite("caches of jobs");
const caches = [parseJobName("make"), parseJobName("npm")];

test("a cache is a project's, a backend's and an account's own", () => {
  const scopes = [
    cacheScope("p", "x", { backend: "sandbox" }, "user"),
    cacheScope("q", "x", { backend: "sandbox" }, "user"),
    cacheScope("p", "y", { backend: "sandbox" }, "user"),
    cacheScope("p", "x", { backend: "minivm" }, "user"),
    cacheScope("p", "x", { backend: "sandbox" }, "root"),
  ];
  assert.is(scopes[0], "p@x@sandbox");
  assert.is(new Set(scopes).size, scopes.length);
});

test("the guard is told a line a cache, and nothing of a job without", () => {
  assert.equal(cacheParams("p", { user: "user" }, { backend: "sandbox" }), {});
  assert.equal(cacheParams("p", { user: "user", caches }, { backend: "sandbox" }), {
    caches: "make=p@make@sandbox\nnpm=p@npm@sandbox",
    save_caches: true,
  });
});

test("an untrusted run saves nothing", () => {
  const config = {
    untrusted: { caches: ["make"], runners: ["sandbox"] },
    jobs: { with: { command: "true", caches: ["make"] }, without: { command: "true" } },
  };
  const { jobs } = parseConfig(config, "/w", null, "outside");
  assert.ok(jobs.with !== undefined && jobs.without !== undefined);
  assert.is(cacheParams("p", jobs.with, { backend: "sandbox" }).save_caches, false);
  assert.not("saveCaches" in jobs.without);
});

const lines: readonly (readonly [string, string | null])[] = [
  ["cache x overlay alone", "cache x: an overlay of what was saved"],
  ["cache x copy shared", "cache x: a copy of what was saved; another job has it now, so nothing is saved"],
  ["cache x empty unsaved", "cache x: empty; this run saves nothing"],
  ["cache x", null],
  ["cache x overlay never", null],
  ["workspace overlay", null],
  ["exit 0", null],
];
for (const [line, text] of lines)
  test(`what ${JSON.stringify(line)} tells`, () => {
    const parsed = parseCacheLine(line);
    assert.is(parsed === null ? null : describeCache(parsed.cache, parsed.use), text);
  });

test("a result's caches are checked", () => {
  const asked = { runId: parseRunId("20260101T000000Z-00000000"), job: parseJobName("j") };
  const result = (use: unknown) =>
    Buffer.from(
      JSON.stringify({
        ...{ schema_version: 1, run_id: "20260101T000000Z-00000000", job: "j", status: "passed" },
        ...{
          exit_code: 0,
          signal: null,
          timed_out: false,
          started_at: null,
          finished_at: "",
          duration_ms: 1,
        },
        ...{ message: "exit 0", caches: { x: use } },
      }),
    );
  const use: CacheUse = { view: "copy", turn: "alone", saved: "kept" };
  assert.equal(parseResult(result(use), asked).caches, { x: use });
  assert.throws(() => parseResult(result({ ...use, saved: "maybe" }), asked), /cannot be read/);
});

test.run();
