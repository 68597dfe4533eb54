import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseJobName, parseRunId } from "../../src/core/ids.ts";
import type { Status } from "../../src/core/job-result.ts";
import { type SourceInfo, sourceInfoSchema } from "../../src/core/snapshot.ts";
import { formatCommit } from "../../src/report/format.ts";
import { summaryJobs } from "../../src/report/summary-jobs.ts";
import { closedJob, pendingJob } from "../../src/runs/transitions.ts";

const head = "3f2a91c04d5e0123456789abcdef0123456789ab";

const commits: readonly (readonly [source: SourceInfo, text: string | null])[] = [
  [{ git_head: null, git_dirty: true, git_branch: null, git_subject: null }, null],
  [
    { git_head: head, git_dirty: false, git_branch: "main", git_subject: "tree: x" },
    'main 3f2a91c04d5e "tree: x"',
  ],
  [
    { git_head: head, git_dirty: true, git_branch: null, git_subject: "x" },
    '3f2a91c04d5e "x" and uncommitted changes',
  ],
  [
    { git_head: head, git_dirty: false, git_branch: "a\u202eb", git_subject: "\x1b[31mred\u2066" },
    'ab 3f2a91c04d5e "red"',
  ],
];

for (const [source, text] of commits)
  test(`a commit for people: ${text}`, () => {
    const told = formatCommit(source);
    assert.is(told?.replace(/[^ -~]/g, "") ?? null, text);
    if (told !== null) for (const one of ["\u202e", "\u2066", "\x1b"]) assert.not(told.includes(one));
  });

test("a record of before has neither branch nor subject", () => {
  const old = sourceInfoSchema.parse({ git_head: head, git_dirty: true });
  assert.equal(old, { git_head: head, git_dirty: true, git_branch: null, git_subject: null });
  assert.is(formatCommit(old), "3f2a91c04d5e and uncommitted changes");
});

test("what a run's error says is not repeated for every job that it ended", () => {
  const job = (name: string, status: Status, message: string) =>
    closedJob(pendingJob(parseJobName(name)), parseRunId("20260101T000000Z-0123abcd"), {
      status,
      message,
      at: new Date(0),
    });
  const jobs = [
    job("unit", "infra", "did not finish: gone"),
    job("lint", "infra", "did not finish: gone away"),
    job("check", "failed", "exit 1"),
  ];
  const messages = (error: { message: string } | null) =>
    summaryJobs({ jobs, error: error && { kind: "infra", hint: null, ...error } }).map(
      ({ result }) => result?.message,
    );
  assert.equal(messages({ message: "gone" }), ["did not finish", "did not finish: gone away", "exit 1"]);
  assert.equal(messages(null), ["did not finish: gone", "did not finish: gone away", "exit 1"]);
  assert.is(jobs[0]?.result?.message, "did not finish: gone");
});

test.run();
