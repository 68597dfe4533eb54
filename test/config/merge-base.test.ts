import { suite } from "uvu";
import * as assert from "uvu/assert";
import { baseFromEnv, inCi } from "../../src/config/merge-base.ts";

const test = suite("base from CI variables");
const sha = "0123456789abcdef0123456789abcdef01234567";
const main = ["refs/remotes/origin/main", "refs/heads/main"];

const table: readonly (readonly [Record<string, string>, string | null, readonly string[]])[] = [
  [{}, null, []],
  [{ GITHUB_BASE_REF: "main" }, "$GITHUB_BASE_REF", main],
  [{ GITHUB_BASE_REF: "" }, null, []],
  [
    { CI_MERGE_REQUEST_DIFF_BASE_SHA: sha, CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main" },
    "$CI_MERGE_REQUEST_DIFF_BASE_SHA",
    [sha],
  ],
  [{ CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main" }, "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME", main],
  [{ CI_COMMIT_BEFORE_SHA: sha }, "$CI_COMMIT_BEFORE_SHA", [sha]],
  [{ CI_COMMIT_BEFORE_SHA: "0".repeat(40) }, null, []],
  [{ CI_COMMIT_BEFORE_SHA: "--output=x" }, null, []],
  [{ BUILDKITE_PULL_REQUEST_BASE_BRANCH: "main" }, "$BUILDKITE_PULL_REQUEST_BASE_BRANCH", main],
  [{ CHANGE_TARGET: "main" }, "$CHANGE_TARGET", main],
  [{ SYSTEM_PULLREQUEST_TARGETBRANCH: "refs/heads/main" }, "$SYSTEM_PULLREQUEST_TARGETBRANCH", main],
  [{ BITBUCKET_PR_DESTINATION_BRANCH: "main" }, "$BITBUCKET_PR_DESTINATION_BRANCH", main],
  [{ CI_COMMIT_TARGET_BRANCH: "main" }, "$CI_COMMIT_TARGET_BRANCH", main],
  [{ DRONE_TARGET_BRANCH: "main", DRONE_BUILD_EVENT: "push" }, null, []],
  [{ DRONE_TARGET_BRANCH: "main", DRONE_BUILD_EVENT: "pull_request" }, "$DRONE_TARGET_BRANCH", main],
  [{ TRAVIS_BRANCH: "main", TRAVIS_PULL_REQUEST: "false" }, null, []],
  [{ TRAVIS_BRANCH: "main", TRAVIS_PULL_REQUEST: "12" }, "$TRAVIS_BRANCH", main],
];

for (const [env, source, revisions] of table) {
  test(JSON.stringify(env), () => {
    const base = baseFromEnv(env);
    assert.is(base?.source ?? null, source);
    assert.equal(base?.revisions ?? [], revisions);
  });
}

test("CI or not", () => {
  const values = [undefined, "", "0", "false", "False", "true", "1", "woodpecker"];
  assert.equal(
    values.map((CI) => inCi({ CI })),
    [false, false, false, false, false, true, true, true],
  );
});

test.run();
